"""The Alexa edge: requests in, responses out, and the only place that sees ask_sdk_*."""
