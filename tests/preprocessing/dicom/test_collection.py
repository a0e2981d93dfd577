from dataclasses import dataclass

import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import Rejects, files_of, one_study, without_copies


@dataclass
class Image:
    """An image in a file."""

    file: str
    uid: str = ""
    study_uid: str = "1.2"


def test_files_are_named_once_in_order():
    assert files_of([Image("b"), Image("a"), Image("b")]) == ["b", "a"]


def test_the_first_of_several_copies_is_kept():
    rejects = Rejects()
    images = [Image("a", "1"), Image("b", "1"), Image("c", "2")]
    assert without_copies(images, lambda image: image.uid, rejects) == [images[0], images[2]]
    (group,) = rejects.groups()
    assert (group.code, group.files) == ("copy", 1)


def test_images_of_one_file_are_no_copies_of_each_other():
    rejects = Rejects()
    images = [Image("a", "1"), Image("a", "1")]
    assert without_copies(images, lambda image: image.uid, rejects) == images
    assert rejects.groups() == ()


def test_all_images_are_of_one_study():
    assert one_study([Image("a"), Image("b")], "pictures") == "1.2"


def test_two_studies_are_refused_with_their_sizes():
    images = [Image("a"), Image("b", study_uid="1.3"), Image("c", study_uid="1.3")]
    with pytest.raises(
        StudyError, match=r"pictures of one study but holds 2 studies \(2, 1 pictures\)"
    ) as caught:
        one_study(images, "pictures")
    assert caught.value.code == "mixed-studies"
