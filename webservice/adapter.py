"""The skill as flask-ask-sdk's SkillAdapter wants it: a CustomSkill with a serializer.

The adapter would deserialize the whole request into ask_sdk_model first, and that model refuses a request for one enum
value it does not know. So the skill it is given takes requests and gives responses as plain JSON objects, and runs
`invoke_json`, which is what the Lambda runs: both doors answer every request alike.
"""

import json
from typing import Any, cast

from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_core.skill import CustomSkill
from flask import Flask, Response

from stretch_coach.alexa.skill import Skill, invoke_json
from webservice.certvalidator_standin import standing_in

with standing_in():
    from flask_ask_sdk import skill_adapter

__all__ = ["Adapter", "JsonSkill", "skill_adapter"]


class JsonSerializer(DefaultSerializer):
    """Stands where the adapter expects the SDK's serializer."""

    def deserialize(self, payload: str | None, obj_type: object) -> Any:  # noqa: ARG002 - the adapter's interface
        """The request as JSON, whatever model was asked for."""
        return json.loads(payload or "")

    def serialize(self, obj: Any) -> Any:
        """The response is JSON already."""
        return obj


class JsonSkill(CustomSkill):
    """Our skill behind the interface that SkillAdapter calls."""

    def __init__(self, skill: Skill) -> None:
        # Nothing of CustomSkill's own state is used: its dispatch happens inside `invoke_json`.
        self.skill = skill
        self.serializer = JsonSerializer()
        self.custom_user_agent = ""

    def invoke(self, request_envelope: Any, context: Any = None) -> Any:
        """Answer one request."""
        return invoke_json(self.skill, request_envelope, context)


class Adapter:
    """flask-ask-sdk in one Flask app, for requests that were verified before."""

    def __init__(self, app: Flask, skill: Skill) -> None:
        # Its own verifiers come too late and too weak (docs/self-host.md); webservice.verifier has done the work.
        app.config[skill_adapter.VERIFY_SIGNATURE_APP_CONFIG] = False
        app.config[skill_adapter.VERIFY_TIMESTAMP_APP_CONFIG] = False
        skill_id = skill.coach.settings.skill_id
        self._adapter = skill_adapter.SkillAdapter(skill=JsonSkill(skill), skill_id=skill_id, app=app)

    def dispatch(self) -> Response:
        """Answer the request that Flask is handling."""
        return cast("Response", self._adapter.dispatch_request())
