import io

import numpy as np
import pydicom
import pytest

from scanserve.client.dicom import codes
from scanserve.client.dicom.content import Algorithm, Content, Drawing, Group, Number
from scanserve.client.dicom.sources import of_film
from scanserve.client.dicom.write import objects_of
from scanserve.preprocessing.radiograph import read_films
from tests.support import film_factory

PLACES = ((10.0, 20.0), (30.0, 25.0), (400.0, -9.0))


def content(folder, **changes):
    (film,) = read_films(film_factory.write(folder, **changes)).films
    sources = of_film(film)
    angle = Number(codes.COBB_ANGLE, 12.5, codes.DEGREES, PLACES[:2])
    return Content(
        application="spine",
        title="Curves",
        sources=sources,
        procedure=codes.RADIOGRAPHY,
        body_part="SPINE",
        algorithm=Algorithm("1", {}, "Not for diagnosis."),
        groups=[Group("curve", codes.COBB_ANGLE, numbers=[angle], image=sources.images[0])],
        drawings=[Drawing("L1", PLACES)],
        persons=["Dr A", "Wernicke^Carl"],
    )


@pytest.fixture
def objects(tmp_path):
    return dict(objects_of(content(tmp_path)))


def test_lines_lie_on_the_film_and_within_it(objects):
    ds = objects["lines"]
    (annotation,) = ds.GraphicAnnotationSequence
    (line,) = annotation.GraphicObjectSequence
    points = np.array(line.GraphicData).reshape(-1, 2)
    np.testing.assert_allclose(points, [[10.5, 20.5], [30.5, 25.5], [256, 0]])
    assert annotation.TextObjectSequence[0].UnformattedTextValue == "L1"
    assert "not for diagnosis" in ds.GraphicLayerSequence[0].GraphicLayerDescription


def test_the_state_shows_the_film_as_it_is_shown(objects):
    ds = objects["lines"]
    assert (ds.SoftcopyVOILUTSequence[0].WindowCenter, ds.PresentationLUTShape) == (2048, "IDENTITY")


def test_the_object_is_valid_as_a_file(objects):
    buffer = io.BytesIO()
    objects["lines"].save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    with pydicom.config.strict_reading():
        assert pydicom.dcmread(buffer).Modality == "PR"


def test_the_last_person_is_the_observer_beside_the_device(objects):
    names = [str(element.value) for element in objects["report"].iterall() if element.keyword == "PersonName"]
    assert names == ["Wernicke^Carl"]


def test_another_key_gives_other_uids(tmp_path):
    from dataclasses import replace

    plain = content(tmp_path)
    first, second = (dict(objects_of(item)) for item in (plain, replace(plain, key=["corrected"])))
    assert first["lines"].SOPInstanceUID != second["lines"].SOPInstanceUID
    assert first["report"].SOPInstanceUID != second["report"].SOPInstanceUID
