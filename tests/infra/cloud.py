"""A cloud on this machine: ministack with IAM enforced, and the CDK CLI that deploys to it."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.integration import servers
from tools.dependencies import fetch

ACCOUNT, REGION = "000000000000", "us-east-1"
Json = dict[str, Any]


@dataclass
class Cloud:
    """The emulator, and what an owner does with it."""

    server: servers.Server
    home: Path

    def client(self, service: str) -> Any:
        """Make a client of the account's owner."""
        make: Any = boto3.client  # whose 400 typed names are of no use to a name that varies
        return make(
            service,
            endpoint_url=self.server.endpoint,
            region_name=REGION,
            aws_access_key_id=servers.CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=servers.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def cdk(self, *arguments: str) -> None:
        """Run the CDK CLI; fails with its output."""
        # HOME: the CLI caches which account a key belongs to, and a real one must not be mixed up with this one.
        environment = os.environ | servers.CREDENTIALS
        environment |= {"AWS_ENDPOINT_URL": self.server.endpoint, "HOME": str(self.home), "CI": "true"}
        done = subprocess.run(
            [fetch.node(), str(fetch.npm("aws-cdk") / "aws-cdk" / "bin" / "cdk"), *arguments, "--no-notices"],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"cdk {' '.join(arguments)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

    def invoke(self, function: str, event: Mapping[str, object]) -> Json:
        """Send a request to what is live, as Alexa does, and expect no error of the function."""
        answer = self.client("lambda").invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(event))
        body: Json = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, body
        return body

    def lines(self, group: str) -> list[Json]:
        """The JSON lines of a log group, oldest first."""
        client = self.client("logs")
        streams = client.describe_log_streams(logGroupName=group)["logStreams"]
        events = [
            event
            for stream in streams
            for event in client.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
        ]
        messages = [event["message"] for event in sorted(events, key=lambda event: event["timestamp"])]
        return [json.loads(message) for message in messages if message.startswith("{")]


def start(folder: Path) -> Cloud:
    """Start the emulator and bootstrap the CDK in it."""
    # It runs a function with its own interpreter, so it gets the Lambda's version where there is one.
    programs = fetch.environment("ministack", fetch.find_python())
    state = folder / "state"
    state.mkdir()
    settings = {"GATEWAY_PORT": str(port := servers.free_port()), "BIND_HOST": "127.0.0.1", "AUTH": "true"}
    settings |= {"PERSIST_STATE": "0", "STATE_DIR": str(state), "PYTHONDONTWRITEBYTECODE": "1"}
    server = servers.Server("ministack", [str(programs / "ministack")], state, port, settings)
    server.start()
    (folder / "home").mkdir()
    cloud = Cloud(server, folder / "home")
    cloud.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
    return cloud
