"""Which version answers: promoted through a gate, rolled back by one command."""

from models import experiment, gate, shadow, tracking
from models.provenance import now
from models.registry import Registry
from models.tracking import RegistryError
from models.version import CHALLENGER, CHAMPION, PASSED, PREVIOUS, Version


class GateError(RegistryError):
    """The version may not become champion; the text says why, and what overrides it."""


def promote(registry: Registry, name: str, wanted: str | int = CHALLENGER, *, force: str = "") -> Version:
    """Make a version, by number or alias, champion; the champion so far is previous. A running trial ends.

    A reason in `force` promotes what the gate refuses, and is kept with the version.

    Raises:
        GateError: it does not beat the champion, or was rolled back before.
        RegistryError: there is no such version, or it is champion already.

    """
    chosen, champion = registry.version(name, wanted), _champion(registry, name)
    if champion and champion.number == chosen.number:
        raise RegistryError(f"{name}: version {chosen.number} is champion already")
    verdict = _verdict(chosen, champion)
    if champion and verdict == PASSED:
        verdict = shadow.verdict(shadow.figures(registry.settings, name, champion.number, chosen.number))
    if verdict != PASSED and not force:
        raise GateError(f"{name}: {verdict}; --force REASON promotes it all the same")
    experiment.end(registry, name)
    client, full = registry.client, registry.registered(name)
    with tracking.asked(registry.address):
        told = {"gate": verdict if verdict == PASSED else f"forced: {force} (the gate said: {verdict})", "promoted": now()}
        for tag, value in told.items():
            client.set_model_version_tag(full, str(chosen.number), tag, value)
        if chosen.withdrawn:
            client.delete_model_version_tag(full, str(chosen.number), "withdrawn")
        if champion:  # first: an interruption in between leaves the champion as it was
            client.set_registered_model_alias(full, PREVIOUS, str(champion.number))
        client.set_registered_model_alias(full, CHAMPION, str(chosen.number))
        if CHALLENGER in chosen.aliases:
            client.delete_registered_model_alias(full, CHALLENGER)
    return registry.version(name, CHAMPION)


def rollback(registry: Registry, name: str, *, reason: str) -> Version:
    """Make the previous champion champion again. The one rolled back is previous then, and withdrawn with the reason.

    A running trial ends: it would deal assets to a version that was judged beside another champion.

    Raises:
        RegistryError: there is no previous champion, or it was rolled back itself.

    """
    known = registry.versions(name)
    champion = next((each for each in known if CHAMPION in each.aliases), None)
    previous = next((each for each in known if PREVIOUS in each.aliases), None)
    if champion is None or previous is None or champion.number == previous.number:
        raise RegistryError(f"{name} has no previous champion to go back to")
    if previous.withdrawn:
        raise RegistryError(_spent(name, known, champion, previous))
    experiment.end(registry, name)
    client, full = registry.client, registry.registered(name)
    with tracking.asked(registry.address):
        client.set_model_version_tag(full, str(champion.number), "withdrawn", f"{now()} {reason}")
        client.set_registered_model_alias(full, CHAMPION, str(previous.number))
        client.set_registered_model_alias(full, PREVIOUS, str(champion.number))
    return registry.version(name, CHAMPION)


def _spent(name: str, known: list[Version], champion: Version, previous: Version) -> str:
    """Why a second rollback goes nowhere, and what can be done instead."""
    left = [each.number for each in known if each.promoted and not each.withdrawn and each.number != champion.number]
    once = f"champion once were {', '.join(map(str, left))}" if left else "no other version was ever champion"
    return (
        f"{name}: version {champion.number} answers since version {previous.number} was rolled back ({previous.withdrawn}); {once}. "
        f"`maint models promote {name} --version NUMBER --force REASON` takes any version"
    )


def _champion(registry: Registry, name: str) -> Version | None:
    return next((each for each in registry.versions(name) if CHAMPION in each.aliases), None)


def _verdict(chosen: Version, champion: Version | None) -> str:
    if chosen.withdrawn:
        return f"version {chosen.number} was rolled back: {chosen.withdrawn}"
    if champion and chosen.against == champion.number:
        return chosen.gate  # both were judged on the same rows (models/refit.py)
    return gate.against(chosen.deciding, champion) if champion else gate.trivial(chosen.deciding)
