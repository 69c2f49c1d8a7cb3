"""What the process has read from which render children fork: all that a first report waits for.

Nothing here opens a connection or starts a thread: a fork would share the one, lose the other."""

import contextlib
import gc

import django

django.setup()

from reports.pdf import prepare  # noqa: E402 - Django has to be set up first

with contextlib.suppress(Exception):  # what stops this will stop a report too, and be told there
    prepare()
gc.collect()
gc.freeze()  # or the first look for garbage in a child would copy all of it
