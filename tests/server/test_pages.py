from scanserve.server.pages import with_large_pages

LARGE = "glibc.malloc.hugetlb=1"


def test_large_pages_are_asked_for_and_the_rest_is_kept():
    assert with_large_pages({"A": "1"}) == {"A": "1", "GLIBC_TUNABLES": LARGE}


def test_tunables_of_the_user_come_first():
    environment = {"GLIBC_TUNABLES": "glibc.malloc.perturb=1"}
    assert with_large_pages(environment)["GLIBC_TUNABLES"] == f"glibc.malloc.perturb=1:{LARGE}"
    assert environment == {"GLIBC_TUNABLES": "glibc.malloc.perturb=1"}


def test_no_tunables_is_none():
    assert with_large_pages({"GLIBC_TUNABLES": ""})["GLIBC_TUNABLES"] == LARGE
