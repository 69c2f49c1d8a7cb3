"""The firm's logo: what is kept of an upload, and what is refused and why."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageFile, PngImagePlugin

from portal import uploads
from portal.accounts import logo
from portal.accounts.forms import CompanyForm
from portal.accounts.logo_forms import LogoForm
from portal.accounts.models import Company
from tests.factories import picture

REFUSED = {
    "too many pixels": (picture((4001, 10)).getvalue(), "höchstens 4000 Pixel"),
    "wide": (picture((10_000, 2)).getvalue(), "höchstens 4000 Pixel"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "kein PNG und kein JPEG"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "kein PNG und kein JPEG"),
    "another format": (picture(kind="GIF").getvalue(), "kein PNG und kein JPEG"),
    "a PDF": (picture(kind="PDF").getvalue(), "kein PNG und kein JPEG"),
    "half a PNG": (picture((300, 300)).getvalue()[:-200], "kein PNG und kein JPEG"),
    "half a JPEG": (picture((300, 300), "JPEG").getvalue()[:600], "kein PNG und kein JPEG"),
    "too many bytes": (b"\x89PNG" + bytes(logo.MOST_BYTES), "größer als 1 MB"),
    "nothing": (b"", "Die Datei ist leer."),
}


def bomb(side: int) -> bytes:
    """A few bytes that say they are a picture of side × side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"x"))


def put(client, company: Company, data: bytes, name: str = "logo.png"):
    url = reverse("company_logo_put", args=[company.pk])
    return client.post(url, {"logo": SimpleUploadedFile(name, data)})


def kept(company: Company) -> Image.Image:
    company.refresh_from_db()
    return Image.open(BytesIO(company.logo.read()))


@pytest.mark.parametrize("why", list(REFUSED))
def test_what_is_no_picture_of_a_logos_size_is_refused_in_words(cast, login, monkeypatch, why):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as WeasyPrint leaves it
    data, words = REFUSED[why]
    response = put(login(cast.anna), cast.company, data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'class="invalid-feedback"' in response.content.decode()
    cast.company.refresh_from_db()
    assert not cast.company.logo
    assert not default_storage.exists("logos")


@pytest.mark.parametrize("side", [5_000, 10_000, 60_000])
def test_a_bomb_is_judged_by_its_head_and_never_decoded(monkeypatch, side):
    monkeypatch.setattr(logo, "_on_white", None)
    with pytest.raises(logo.TooManyPixels):
        logo.rewritten(BytesIO(bomb(side)))


def test_a_large_picture_is_made_small_in_its_proportions(cast, login):
    assert put(login(cast.anna), cast.company, picture((4000, 1000)).getvalue()).status_code == 302
    assert kept(cast.company).size == (600, 150)


def test_nothing_but_the_picture_is_kept(cast):
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Comment", "geheim")
    for kind, more in (("PNG", {"pnginfo": noted}), ("JPEG", {"comment": b"geheim"})):
        file = picture(kind=kind, **more)
        assert b"geheim" in file.getvalue()
        made = logo.rewritten(file)
        assert b"geheim" not in made.data
        assert Image.open(BytesIO(made.data)).mode == "RGB"


def test_a_photo_stands_upright_and_says_no_more_where_it_was_taken():
    said = Image.Exif()
    said[0x0112] = 6  # lies on its side
    said[0x010E] = "Werkstor"
    made = logo.rewritten(picture((40, 20), "JPEG", exif=said))
    image = Image.open(BytesIO(made.data))
    assert image.size == (20, 40)
    assert not image.getexif()


def test_behind_what_is_transparent_comes_white():
    file = BytesIO()
    Image.new("RGBA", (10, 10), (200, 0, 0, 0)).save(file, "PNG")
    image = Image.open(BytesIO(logo.rewritten(file).data))
    assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
def test_pictures_of_all_kinds_of_colour_can_be_read(mode):
    file = BytesIO()
    Image.new(mode, (10, 10)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    assert Image.open(BytesIO(logo.rewritten(file).data)).mode == "RGB"


def test_what_is_full_of_colours_is_kept_as_jpeg():
    file = BytesIO()
    Image.effect_noise((600, 300), 90).save(file, "PNG")
    made = logo.rewritten(file)
    assert made.ending == "jpg"
    assert len(made.data) < 150_000


def test_another_logo_takes_the_place_of_the_first_and_none_is_left(
    cast, login, django_capture_on_commit_callbacks
):
    client = login(cast.anna)
    for size in ((40, 20), (50, 20)):
        with django_capture_on_commit_callbacks(execute=True):
            put(client, cast.company, picture(size).getvalue())
        assert len(default_storage.listdir("logos")[1]) == 1
        assert kept(cast.company).size == size
    assert "Logo ersetzen" in client.get(reverse("company_edit", args=[cast.company.pk])).text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("company_logo_remove", args=[cast.company.pk]))
    cast.company.refresh_from_db()
    assert not cast.company.logo
    assert default_storage.listdir("logos")[1] == []


def test_it_is_handed_out_as_what_it_is(cast, login):
    cast.company.put_logo(logo.rewritten(picture()))
    response = login(cast.ben).get(reverse("company_logo", args=[cast.company.pk]))
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == 'inline; filename="logo.png"'
    assert "no-store" in response.headers["Cache-Control"]


def test_a_profile_that_is_saved_meanwhile_does_not_bring_an_old_logo_back(cast):
    stale = Company.objects.get(pk=cast.company.pk)
    cast.company.put_logo(logo.rewritten(picture()))
    form = CompanyForm({"name": "Neuer Name"}, instance=stale)
    assert form.is_valid()
    form.save()
    cast.company.refresh_from_db()
    assert (cast.company.name, bool(cast.company.logo)) == ("Neuer Name", True)


def test_a_giant_upload_is_cut_off_and_called_too_large(
    cast, login, monkeypatch, tmp_path, settings
):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1_500_000)
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    seen = []
    monkeypatch.setattr(LogoForm, "clean_logo", lambda form: seen.append(form.files["logo"].size))
    put(login(cast.anna), cast.company, bytes(9_000_000))
    assert 1_500_000 <= seen[0] < 2_000_000
