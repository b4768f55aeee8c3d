# SPDX-License-Identifier: Apache-2.0
"""What a release is: transcripts as files, and the certificate that vouches for them."""
