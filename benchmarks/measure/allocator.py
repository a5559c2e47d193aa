"""The C library's allocator, told to keep its pages.

By default glibc maps every block above 32 MiB afresh and gives it back when it is freed, so that a
large result costs a page fault for each 4 KiB of it, several times what computing it costs; a
smaller block too, where a thread's own arena has grown full. Which of the frameworks of a process
pays depends on the thread that it allocates in. A program that holds its memory, as a training
step does, pays nothing. With one arena, no mapping and no trimming nobody does.
"""

from __future__ import annotations

import ctypes

# of glibc's malloc.h
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_NEVER = 2**31 - 1


def keep_pages() -> bool:
    """Asks for it, before the devices' threads start; returns whether the C library took it."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = (_ARENA_MAX, 1), (_MMAP_MAX, 0), (_TRIM_THRESHOLD, _NEVER)
    return all(mallopt(*setting) for setting in settings)
