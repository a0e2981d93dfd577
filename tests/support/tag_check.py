"""Whether the constants of a module of tags are called as the DICOM dictionary calls them."""

from pydicom.datadict import keyword_for_tag


def misnamed(module) -> list[str]:
    """Names of constants whose tag has another keyword, underscores apart."""
    tags = {name: value for name, value in vars(module).items() if name.isupper() and isinstance(value, int)}
    assert tags
    return [name for name, value in tags.items() if keyword_for_tag(value).upper() != name.replace("_", "")]
