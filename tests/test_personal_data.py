"""No field of the database without somebody having said whether it is personal."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from portal.accounts.models import User
from portal.personal_data import CATALOGUE, records

MODELS = {model._meta.label: model for model in apps.get_models()}


def fields_of(model: type[models.Model]) -> set[str]:
    found = [*model._meta.fields, *model._meta.many_to_many]
    return {field.name for field in found if field.name != "id"}


@pytest.mark.parametrize("label", MODELS)
def test_every_field_is_in_the_catalogue(label):
    record = CATALOGUE.get(label)
    assert record, f"Say in portal/personal_data.py what {label} holds and for how long"
    missing = fields_of(MODELS[label]) - record.fields
    assert not missing, f"Personal or not? Say it in portal/personal_data.py: {missing}"
    assert not record.fields - fields_of(MODELS[label])
    assert not set(record.personal.split()) & set(record.other.split())


def test_the_catalogue_knows_no_model_that_is_gone():
    assert CATALOGUE.keys() == MODELS.keys()


@pytest.mark.parametrize("label", CATALOGUE)
def test_what_is_personal_says_what_for_and_how_long(label):
    record = CATALOGUE[label]
    words = [record.what, record.purpose, record.basis, record.until]
    assert all(words) if record.personal else not any(words)


def test_what_is_personal_is_shown():
    shown = [record for _heading, group in records() for record in group]
    assert {id(record) for record in shown} == {
        id(record) for record in CATALOGUE.values() if record.personal
    }


@pytest.mark.parametrize("label", MODELS)
def test_a_link_to_a_person_is_personal(label):
    personal = CATALOGUE[label].personal.split()
    for field in MODELS[label]._meta.concrete_fields:
        if field.related_model is User or isinstance(field, models.EmailField):
            assert field.name in personal, field
