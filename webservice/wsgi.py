"""`webservice.wsgi:app`, for any WSGI server: settings from the environment, and signatures always verified."""

import os

from webservice.compose import load_library, make_app
from webservice.settings import WebSettings

app = make_app(WebSettings.from_env(os.environ), load_library())
