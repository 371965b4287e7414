"""The skill's manifest (``skill.json``) from its hand-written source, and the rules it has to keep."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.publish.model_rules import SLOT
from understanding.invocation import Invocation
from understanding.samples import Sentence, fit, read_samples
from understanding.slots import Lexicon
from understanding.text import keys

ICONS = {"smallIconUri": "small-icon-108.png", "largeIconUri": "large-icon-512.png"}
"""Manifest field to file name under ``assets/images``; Amazon wants 108 by 108 and 512 by 512 pixels."""
ENDPOINT_REGIONS = ("NA", "EU", "FE")
"""North America; Europe and India; the Far East."""
EVENTS = ("SKILL_ENABLED", "SKILL_DISABLED")
MAX_PHRASES = 3
MAX_SUMMARY = 160
MAX_DESCRIPTION = 4000
MAX_KEYWORDS = 30
DISCLAIMER = "not a substitute for professional medical advice"
"""Amazon's model text for health skills; certification looks for it in the description."""
VIEWPORTS: Sequence[tuple[str, str, int, int, int, int]] = (
    ("HUB", "ROUND", 480, 480, 480, 480),
    ("HUB", "RECTANGLE", 960, 1279, 480, 959),
    ("HUB", "RECTANGLE", 1280, 1920, 600, 1279),
    ("TV", "RECTANGLE", 960, 960, 540, 540),
)
"""Mode, shape, least and greatest width and height, in dp."""


def build_manifest(
    source: Mapping[str, Any],
    locales: Sequence[str],
    endpoint: str | None = None,
    regions: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The manifest for these locales; without an endpoint it names none, for the deploy to fill in.

    `endpoint` is a Lambda's ARN or an https address; `regions` are others by the part of the world whose listeners they
    serve (ENDPOINT_REGIONS).
    """
    where = _endpoints(endpoint, regions or {})
    custom: dict[str, Any] = where | {"interfaces": [_screen()]}
    events: dict[str, Any] = where | {"subscriptions": [{"eventName": name} for name in EVENTS]}
    return {
        "manifest": {
            "manifestVersion": "1.0",
            "publishingInformation": {
                "isAvailableWorldwide": True,
                "distributionCountries": [],
                "category": source["category"],
                "testingInstructions": source["testing_instructions"].strip(),
                "locales": {locale: _published(source, locale) for locale in locales},
            },
            "privacyAndCompliance": {
                "allowsPurchases": False,
                "usesPersonalInfo": False,
                "isChildDirected": False,
                "isExportCompliant": True,
                "containsAds": False,
                "locales": {locale: _privacy(source) for locale in locales},
            },
            "apis": {"custom": custom},
            "events": events,
        }
    }


def without_endpoint(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest that a skill is created with, before there is anything to call: Amazon takes no events without."""
    return {"manifest": {name: part for name, part in manifest["manifest"].items() if name != "events"}}


def _endpoints(endpoint: str | None, regions: Mapping[str, str]) -> dict[str, Any]:
    named: dict[str, Any] = {"endpoint": _endpoint(endpoint)} if endpoint else {}
    if regions:
        named["regions"] = {name: {"endpoint": _endpoint(uri)} for name, uri in regions.items()}
    return named


def _endpoint(uri: str) -> dict[str, str]:
    # A certificate that browsers trust, with the host's own name: what docs/self-host.md sets up.
    return {"uri": uri, "sslCertificateType": "Trusted"} if uri.startswith("https://") else {"uri": uri}


def phrases(source: Mapping[str, Any]) -> list[str]:
    """The example phrases with their slots filled, without the wake word."""
    return [one.format(**source["example_values"]) for one in source["example_phrases"]]


def _published(source: Mapping[str, Any], locale: str) -> dict[str, Any]:
    images = {field: f"file://assets/images/{locale}_{name}" for field, name in ICONS.items()}
    return {
        "name": source["name"],
        "summary": source["summary"],
        "description": source["description"].strip(),
        "examplePhrases": [f"Alexa, {phrase}" for phrase in phrases(source)],
        "keywords": source["keywords"],
        **images,
    }


def _privacy(source: Mapping[str, Any]) -> dict[str, str]:
    return {"privacyPolicyUrl": f"{source['site']}/privacy", "termsOfUseUrl": f"{source['site']}/terms"}


def _screen() -> dict[str, Any]:
    return {
        "type": "ALEXA_PRESENTATION_APL",
        "supportedViewports": [
            {
                "mode": mode, "shape": shape,
                "minWidth": least, "maxWidth": most, "minHeight": low, "maxHeight": high,
            }
            for mode, shape, least, most, low, high in VIEWPORTS
        ],
    }  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A rule that a manifest breaks."""

    problem: str
    """``what. How to mend it``"""
    locale: str = ""
    """Of which locale's part; empty for the whole."""
    field: str = ""
    """Dotted path in skill.source.yaml; empty where nothing is written of it there."""

    def __str__(self) -> str:
        return f"{self.locale}: {self.problem}" if self.locale else self.problem


def manifest_problems(manifest: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every broken rule of a manifest, as ``where: what. How to mend it``; ``models`` are the locales' built models.

    A manifest that names no endpoint yet has no events, either (``without_endpoint``).
    """
    return [str(one) for one in manifest_faults(manifest, models)]


def manifest_faults(manifest: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]]) -> list[Fault]:
    """The same with where it was written."""
    skill = manifest["manifest"]
    published = skill["publishingInformation"]["locales"]
    found = [one for locale, model in models.items() for one in _locale(locale, published.get(locale), model)]
    found += [Fault("published without an interaction model. Add it to locales.yaml", locale)
              for locale in published if locale not in models]  # fmt: skip
    subscribed = [one["eventName"] for one in skill["events"]["subscriptions"]] if "events" in skill else list(EVENTS)
    if "SKILL_DISABLED" not in subscribed:
        found.append(Fault("events: SKILL_DISABLED is missing. Subscribe, so that data is erased with the skill"))
    if skill["privacyAndCompliance"]["isChildDirected"]:
        found.append(Fault("isChildDirected: the skill is for adults. Set it to false"))
    return found


def _locale(locale: str, published: Mapping[str, Any] | None, model: Mapping[str, Any]) -> Iterator[Fault]:
    if published is None:
        yield Fault("has a model but is not published. Add it to the manifest", locale)
        return
    if DISCLAIMER not in published["description"]:
        yield Fault(f"the description lacks the disclaimer {DISCLAIMER!r}. Put it back", locale, "description")
    for field, most in (("summary", MAX_SUMMARY), ("description", MAX_DESCRIPTION)):
        if len(published[field]) > most:
            yield Fault(f"{field} has {len(published[field])} characters. At most {most}", locale, field)
    for field in ("name", "description"):
        if re.search(r"\balexa skill\b", published[field], re.IGNORECASE):
            yield Fault(f"{field} says 'Alexa skill'. Amazon's name rules forbid it", locale, field)
    if len(published["keywords"]) > MAX_KEYWORDS:
        yield Fault(f"too many keywords. At most {MAX_KEYWORDS}", locale, "keywords")
    yield from _phrases(locale, published["examplePhrases"], model)


def _phrases(locale: str, examples: Sequence[str], model: Mapping[str, Any]) -> Iterator[Fault]:
    language = model["interactionModel"]["languageModel"]
    invocation, lexicon = language["invocationName"], Lexicon(language["types"])
    if not 0 < len(examples) <= MAX_PHRASES:
        problem = f"{len(examples)} example phrases. Between 1 and {MAX_PHRASES}"
        yield Fault(problem, locale, "example_phrases")
    for number, example in enumerate(examples):
        field = f"example_phrases.{number}"
        if not example.startswith("Alexa, ") or invocation not in example:
            problem = f"example {example!r} lacks the wake word or the invocation name. Add it"
            yield Fault(problem, locale, field)
        elif not _is_sample(Invocation(invocation).strip(example)[0], language, lexicon):
            yield Fault(f"example {example!r} is no sample of the model. Use a sample", locale, field)


def _is_sample(phrase: str, language: Mapping[str, Any], lexicon: Lexicon) -> bool:
    """Whether a phrase is a sample with its slots filled, or nothing, which opens the skill."""
    words = keys(phrase)
    intents = [intent | {"samples": _sharing(intent, set(words))} for intent in language["intents"]]
    sentence = Sentence.of(words, lexicon.spans(words))
    return not words or any(fit(sample, sentence) is not None for sample in read_samples(intents))


def _sharing(intent: Mapping[str, Any], words: set[str]) -> list[str]:
    """The samples of an intent that say nothing but these words around its slots."""
    declared = {slot["name"] for slot in intent.get("slots", [])}
    return [
        sample
        for sample in intent["samples"]
        if words.issuperset(re.sub(r"\{\w+\}", " ", sample).split()) and declared.issuperset(SLOT.findall(sample))
    ]
