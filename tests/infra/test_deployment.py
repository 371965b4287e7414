"""The context of a deployment: what is read, and what is refused in words an owner can act on."""

import pytest

from infra.deployment import ContextError, Deployment


def test_nothing_needs_to_be_said() -> None:
    """An empty context is the defaults."""
    assert Deployment.from_context(lambda name: None) == Deployment()


def test_text_and_json_mean_the_same() -> None:
    """A value given with -c, as text, is read as one in cdk.json."""
    text = {"regions": "us-east-1, eu-west-1", "canary": "false", "retention_days": "14", "stage": " beta "}
    made = {"regions": ["us-east-1", "eu-west-1"], "canary": False, "retention_days": 14, "stage": "beta"}
    assert Deployment.from_context(text.get) == Deployment.from_context(made.get)
    assert Deployment.from_context(text.get).name == "stretch-coach-beta"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("stage", "Prod"),
        ("stage", "a-very-long-stage-name"),
        ("skill_id", "my-skill"),
        ("regions", "mars-north-1"),
        ("regions", "us-east-1,us-east-1"),
        ("alarm_email", "nobody"),
        ("retention_days", "31"),
        ("retention_days", "-1"),
        ("table_key", "mine"),
        ("table_key", "customer"),
        ("table_key", "arn:aws:kms:us-east-1:me:key/1"),
        ("screening_minutes", "1441"),
        ("count_audio", "loud"),
        ("canary", "maybe"),
        ("credentials", "root"),
        ("stage", 3),
    ],
)
def test_what_cannot_be_is_named(key: str, value: object) -> None:
    """A value that makes no sense stops the deployment with the key and what would do."""
    with pytest.raises(ContextError, match=f"^{key}: "):
        Deployment.from_context({key: value}.get)


def test_an_existing_table_has_its_key_already() -> None:
    """A new key is of no use to a table that exists; its own is named by its ARN."""
    context = {"existing_table": "restored", "regions": "us-east-1", "table_key": "customer"}
    with pytest.raises(ContextError, match="table_key: for an existing table"):
        Deployment.from_context(context.get)
    context["table_key"] = "arn:aws:kms:us-east-1:111122223333:key/0123abcd"
    assert Deployment.from_context(context.get).table_key == context["table_key"]


def test_one_region_for_an_existing_table() -> None:
    """A table that exists cannot be copied to other regions."""
    context = {"existing_table": "restored", "regions": "us-east-1,eu-west-1"}
    with pytest.raises(ContextError, match="existing_table: "):
        Deployment.from_context(context.get)
