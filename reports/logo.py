"""The firm's logo as a report keeps it: a picture of our own making, inside the frozen content, so
that whoever has the content has all that the PDF is made of."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from portal.accounts.models import Company

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
DPI = 100  # printed no coarser than that


@dataclass(frozen=True)
class Logo:
    """The firm's logo."""

    type: str  # "image/png" or "image/jpeg"
    width: int  # pixels
    height: int
    data: str  # Base64

    @property
    def picture(self) -> bytes:
        return base64.b64decode(self.data)

    def within(self, width: float, height: float) -> tuple[float, float]:
        """Width and height in mm, in its proportions, at most as large as given."""
        scale = min(width / self.width, height / self.height, 25.4 / DPI)
        return round(self.width * scale, 2), round(self.height * scale, 2)

    def in_grey(self) -> bytes:
        """The picture without colours."""
        grey = BytesIO()
        with Image.open(BytesIO(self.picture)) as image:
            image.convert("L").save(grey, "PNG")
        return grey.getvalue()


def logo_of(company: Company) -> Logo | None:
    """The logo to freeze; None where there is none. Hold the company's row: its file goes when
    another one takes its place."""
    if not company.logo:
        return None
    try:
        with company.logo.open("rb") as file:
            data = file.read()
    except FileNotFoundError:  # a restored database without its files
        return None
    with Image.open(BytesIO(data)) as image:
        kind, (width, height) = TYPES[image.format or ""], image.size
    return Logo(kind, width, height, base64.b64encode(data).decode())
