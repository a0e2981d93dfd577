from __future__ import annotations

import pytest

from scanserve.contracts import InputError, SetupError, all_models
from scanserve.contracts.ccta import CCTA
from scanserve.server import repository
from scanserve.server.repository import (
    REPOSITORY_VARIABLE,
    chosen_models,
    find_model_repository,
    known_models,
    link_models,
    model_names,
    notice_on,
)


def add(folder, name, config="config.pbtxt"):
    path = folder / name / config
    path.parent.mkdir(parents=True)
    path.write_text("")


def test_a_given_folder_is_taken(tmp_path):
    add(tmp_path, "ccta_stage1")
    assert find_model_repository(tmp_path) == tmp_path.resolve()


def test_the_variable_comes_before_the_installed(tmp_path, monkeypatch):
    add(tmp_path, "ccta_stage1")
    monkeypatch.setenv(REPOSITORY_VARIABLE, str(tmp_path))
    assert find_model_repository() == tmp_path.resolve()


def test_the_checkout_comes_before_the_copy_that_an_editable_install_leaves(root, tmp_path, monkeypatch):
    monkeypatch.delenv(REPOSITORY_VARIABLE, raising=False)
    monkeypatch.setattr(repository.sys, "prefix", str(tmp_path))
    add(tmp_path / "share" / "scanserve" / "model_repository", "ccta_stage1")
    assert find_model_repository() == root / "model_repository"


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(SetupError, match="no model repository") as caught:
        find_model_repository(tmp_path)
    assert caught.value.code == "model-repository-missing"
    assert str(tmp_path) in caught.value.message


def test_models_are_folders_with_a_configuration(tmp_path):
    add(tmp_path, "b", "configs/cpu.pbtxt")
    add(tmp_path, "a")
    (tmp_path / "notes").mkdir()
    assert model_names(tmp_path) == ("a", "b")


def test_known_models_keep_the_order_of_the_contracts(tmp_path):
    for spec in reversed(all_models()):
        add(tmp_path, spec.name)
    assert known_models(tmp_path) == all_models()


def test_links_lead_to_the_chosen_models_alone(tmp_path):
    repository, links = tmp_path / "repository", tmp_path / "links"
    for name in ("a", "b", "c"):
        add(repository, name)
    assert link_models(repository, ("c", "a"), links) == links
    assert model_names(links) == ("a", "c")
    assert (links / "a").resolve() == repository / "a"


def test_without_a_choice_all_known_models_are_served(tmp_path):
    first, second, *_ = all_models()
    for spec in (second, first):
        add(tmp_path, spec.name)
    assert chosen_models(tmp_path, None) == (first, second)
    assert chosen_models(tmp_path, [second]) == (second,)


def test_a_chosen_model_that_is_missing_is_named(tmp_path):
    first, second, third, *_ = all_models()
    add(tmp_path, first.name)
    with pytest.raises(SetupError, match=rf"does not hold {third.name}, {second.name}\.") as caught:
        chosen_models(tmp_path, (second, first, third))
    assert caught.value.code == "model-missing"


def test_a_model_without_a_contract_is_refused(tmp_path):
    add(tmp_path, "stranger")
    with pytest.raises(InputError, match="stranger") as caught:
        known_models(tmp_path)
    assert caught.value.code == "unknown-model"


def test_the_notice_says_what_the_chosen_networks_were_trained_on(tmp_path):
    for spec, said in ((CCTA.models[1], "annotated CTs; phantoms"), (CCTA.models[0], "nothing")):
        (tmp_path / spec.name).mkdir()
        parameter = f'parameters {{ key: "trained_on" value {{ string_value: "{said}" }} }}'
        (tmp_path / spec.name / "config.pbtxt").write_text(f'name: "{spec.name}"\n{parameter}\n')
    assert notice_on(tmp_path, CCTA.models[:2]).endswith("trained on annotated CTs and phantoms.")


def test_a_network_without_a_readable_configuration_was_trained_on_what_nobody_knows(tmp_path):
    for text in ("not a configuration", ""):
        (tmp_path / CCTA.models[1].name).mkdir(exist_ok=True)
        (tmp_path / CCTA.models[1].name / "config.pbtxt").write_text(text)
        assert notice_on(tmp_path, CCTA.models).endswith("is not known.")
