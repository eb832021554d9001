"""Who carries whose letters: read from a file, and every mistake said."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.calendar import DeliveryMethod
from infrastructure.letters.carrier_settings import PostSettings, read_post_settings
from infrastructure.letters.folder import FolderCarrier
from infrastructure.letters.notify import NotifyCarrier
from infrastructure.letters.smtp import SmtpCarrier
from infrastructure.settings import SettingsRefused

EMAIL, POST = DeliveryMethod.EMAIL, DeliveryMethod.FIRST_CLASS_POST


def read(folder: Path, text: str) -> PostSettings:
    """The settings in this text."""
    file = folder / "carriers.toml"
    file.write_text(text)
    return read_post_settings(file, folder / "letters")


def secret(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    """A file that others cannot read."""
    file = folder / name
    file.write_text(text)
    file.chmod(mode)
    return file


def problems(folder: Path, text: str) -> str:
    """What is said against it."""
    with pytest.raises(SettingsRefused) as refused:
        read(folder, text)
    return str(refused.value)


def test_without_a_file_all_letters_go_into_a_folder_of_their_landlord(tmp_path: Path) -> None:
    carriers = read_post_settings(None, tmp_path).carriers_of("derby")
    assert set(carriers) == {EMAIL, POST}
    assert all(isinstance(one, FolderCarrier) for one in carriers.values())


def test_each_landlord_has_its_own_carriers_and_everybodys_otherwise(tmp_path: Path) -> None:
    key, token = secret(tmp_path, "key", "k" * 80), secret(tmp_path, "token", "a long enough token\n")
    password = secret(tmp_path, "password", "secret")
    settings = read(
        tmp_path,
        f"""
        [carriers.room]
        kind = "folder"
        path = "{tmp_path}/room"
        [carriers.mail]
        kind = "smtp"
        host = "mail.example.org"
        sender = "letters@example.org"
        user = "letters"
        password_file = "{password}"
        [carriers.notify]
        kind = "notify"
        key_file = "{key}"
        callback_token_file = "{token}"
        [everybody]
        email = "mail"
        first_class_post = "room"
        [landlords.derby]
        first_class_post = "notify"
        """,
    )
    derby, star = settings.carriers_of("derby"), settings.carriers_of("star")
    assert isinstance(derby[EMAIL], SmtpCarrier)
    assert isinstance(derby[POST], NotifyCarrier)
    assert isinstance(star[POST], FolderCarrier)
    assert settings.callback_tokens("derby") == ("a long enough token",)
    assert settings.callback_tokens("star") == ()
    assert "secret" not in repr(settings)


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    readable = secret(tmp_path, "readable", "k" * 80, 0o644)
    said = problems(
        tmp_path,
        f"""
        [carriers.pigeon]
        kind = "pigeon"
        [carriers.mail]
        kind = "smtp"
        sender = "letters@example.org"
        port = "many"
        tls = "perhaps"
        user = "letters"
        hoost = "mail"
        [carriers.notify]
        kind = "notify"
        key_file = "{readable}"
        address = "http://example.org"
        callback_token_file = "{tmp_path}/nowhere"
        [carriers.room]
        kind = "folder"
        path = "/srv/letters"
        [carriers.box]
        kind = "smtp"
        host = "mail.example.org"
        sender = "letters@example.org"
        [everybody]
        by_hand = "room"
        email = "nobody"
        first_class_post = "box"
        [landlords."../derby"]
        email = "room"
        [other]
        """,
    )
    for expected in (
        "carriers.pigeon: its kind is one of folder, smtp, notify.",
        "carriers.mail: host is missing.",
        "carriers.mail: port is a number above 0.",
        "carriers.mail: tls is one of required, implicit, none.",
        "carriers.mail: user and password_file belong together.",
        "carriers.mail: hoost is not known",
        "key_file names a file that others can read",
        "address begins with https://.",
        "callback_token_file names a file that cannot be read.",
        "by_hand is carried by nobody",
        "there is no carrier of that name for email",
        "box carries no first_class_post",
        "../derby is no table of a landlord",
        "other is no table of it",
    ):
        assert expected in said
    assert "k" * 80 not in said


@pytest.mark.parametrize("text", ["", "[carriers", "[carriers.a]\nkind = 1\n", "carriers = 3\n", "landlords = 3\n"])
def test_a_file_that_says_nothing_of_use_is_refused(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused):
        read_post_settings(tmp_path / "nowhere.toml", tmp_path)
