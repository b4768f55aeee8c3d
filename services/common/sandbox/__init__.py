# SPDX-License-Identifier: Apache-2.0
"""One sandbox for all that reads files from outside: a process with no keys, no files, no network.

Whoever reads such files writes a task, which is a module with two functions (see `task`), and runs
it by `Sandbox` of `parent`. The process is forked from a template, which was started by exec, so it
never shares memory with keys; see `confinement` for what it may do once its libraries are loaded.
"""
