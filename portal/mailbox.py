"""The demo's mail: shown in the terminal and kept in a folder; none leaves the machine."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Sequence
from email.utils import getaddresses
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.dateparse import parse_datetime

SHOWN = 50
KEPT = 200


class DemoMailbox(BaseEmailBackend):
    """Prints each mail and keeps it as one JSON file in settings.EMAIL_FILE_PATH.

    For demo instances only: whoever can open the mailbox page reads every mail."""

    def __init__(self, *args: Any, stream: TextIO | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stream = stream

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Number of mails kept. Raises OSError when the folder cannot be written."""
        for message in email_messages:
            self._keep(message)
            self._print(message)
        self._clear_out()
        return len(email_messages)

    @staticmethod
    def folder() -> Path:
        return Path(settings.EMAIL_FILE_PATH)

    @classmethod
    def read(cls) -> list[dict[str, Any]]:
        """The mails as dicts of to (list), subject, date (aware datetime) and body (plain text),
        newest first, at most 50. A file that is not a mail is passed over."""
        mails = []
        for path in cls._files():
            try:
                mail = json.loads(path.read_text(encoding="utf-8"))
                mail["date"] = parse_datetime(mail["date"])
                if not isinstance(mail["body"], str) or mail["date"] is None:
                    continue
            except (OSError, ValueError, KeyError, TypeError):
                continue
            mails.append(mail)
            if len(mails) == SHOWN:
                break
        return mails

    @classmethod
    def _files(cls) -> list[Path]:
        return sorted(cls.folder().glob("*.json"), reverse=True)

    def _keep(self, message: EmailMessage) -> None:
        now = timezone.now()
        mail = {
            "to": [address for _, address in getaddresses([str(to) for to in message.to])],
            "subject": str(message.subject),
            "date": now.isoformat(),
            "body": str(message.body),
        }
        folder = self.folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{now:%Y%m%dT%H%M%S.%f}-{uuid.uuid4().hex[:8]}"
        # Renamed when complete: the mailbox page never reads half a mail.
        unfinished = folder / f"{name}.part"
        unfinished.write_text(json.dumps(mail, ensure_ascii=False), encoding="utf-8")
        unfinished.rename(folder / f"{name}.json")

    def _print(self, message: EmailMessage) -> None:
        stream = self.stream or sys.stdout
        rule = "-" * 72
        stream.write(
            f"{rule}\nAn: {', '.join(message.to)}\nBetreff: {message.subject}\n\n"
            f"{message.body}\n{rule}\n"
        )
        stream.flush()

    def _clear_out(self) -> None:
        for path in self._files()[KEPT:]:
            path.unlink(missing_ok=True)
