# SPDX-License-Identifier: Apache-2.0
"""Where the domain meets ffmpeg, faster-whisper, sealed files and foreign transcript formats."""
