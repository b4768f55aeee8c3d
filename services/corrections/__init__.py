# SPDX-License-Identifier: Apache-2.0
"""Reviewers' corrections of a de-identified transcript, as pure functions over its text.

A correction names a place of the run's own text, as it was before any correction, so that the
order in which corrections came does not matter. The release service, the command line and whoever
shows a transcript apply them by the same code.
"""
