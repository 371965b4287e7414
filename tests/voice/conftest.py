import pytest

from sound.audio import Voice, VoiceError, load_voice


@pytest.fixture(scope="session", params=["piper-joe", "espeak-140"])
def voice(request: pytest.FixtureRequest) -> Voice:
    try:
        return load_voice(request.param)
    except VoiceError as error:
        pytest.skip(str(error))
