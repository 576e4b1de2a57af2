"""One participant from screening to a dose that was given, over HTTP, against two sides that run: deploy/production.

drive.py BLINDED_URL BLINDED_HOST UNBLINDED_URL UNBLINDED_HOST FILE_OF_FIRST_PASSWORD PID_OF_REDIS
"""

from __future__ import annotations

import os
import signal
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, Final

from people import Account, Refused, Side, ago, in_days, say, until

SITE: Final = "GR01"
FIXTURES: Final = Path(__file__).parent.parent / "fixtures"
AT_ONCE_SECONDS: Final = 5
HANGS_SECONDS: Final = 8


def lot_of(product: dict[str, Any]) -> str:
    """The one lot of a product that is there."""
    return f"{product['code'][:4]}-1"


class Trial:
    """What one participant needs, act by act."""

    def __init__(self, blinded: Side, unblinded: Side, password: str, redis_pid: int) -> None:
        self.blinded, self.unblinded, self.redis_pid = blinded, unblinded, redis_pid
        self.password, self.own_password = password, f"own {password}"
        self.number = ""
        plan = tomllib.loads((FIXTURES / "plan.toml").read_text(encoding="utf-8"))
        self.products: dict[str, Any] = {product["code"]: product for product in plan["product"]}

    def appoint(self) -> None:
        """People of a site: below by the trial manager, above by two statisticians."""
        self.manager = self.blinded.log_in("manager", self.password)
        first, second = (self.unblinded.log_in(name, self.password) for name in ("statistician", "statistician.second"))
        for role in ("coordinator", "investigator", "nurse"):
            self.manager.post("people/", self._delegation(role, role, SITE))
        above = (
            ("code_breaker", "investigator", SITE),
            ("laboratory", "laboratory", SITE[:2]),
            ("pharmacist", "pharmacist", SITE),
            ("preparer", "preparer", SITE),
        )
        for role, name, reach in above:
            proposal = first.post("people/proposals/", self._delegation(role, name, reach))
            second.post(f"people/proposals/{proposal['id']}/confirmation/")
        self.coordinator, self.investigator, self.nurse = (
            self._enter(self.blinded, name) for name in ("coordinator", "investigator", "nurse")
        )
        self.breaker, self.laboratory, self.pharmacist, self.preparer = (
            self._enter(self.unblinded, name) for _role, name, _reach in above
        )
        say("people of both sides are appointed, have passwords of their own and are logged in")

    def _enter(self, side: Side, name: str) -> Account:
        side.set_password(name, self.password, self.own_password)
        return side.log_in(name, self.own_password)

    def _delegation(self, role: str, name: str, reach: str) -> dict[str, str]:
        return {
            "user_name": name,
            "email": f"{name}@example.org",
            "role": role,
            "reach": reach,
            "delegated_by": "delegation log",
            "trained_for": "1",
            "password": self.password,
        }

    def open_site(self) -> None:
        """Rehearsal and first delivery above; the site may allocate when both are down."""
        rehearsal = {"rehearse_at": SITE, "category": "drill", "reason": "before the first patient"}
        self.breaker.post("code-breaks/", {**rehearsal, "signature": self.breaker.signature})
        for product in self.products.values():
            if product.get("source", "sponsor") == "sponsor":
                self.pharmacist.post(
                    "pharmacy/stock/",
                    {
                        "product": product["code"],
                        "lot_number": lot_of(product),
                        "units": 200,
                        "temperature_c": "5.0",
                        "expires_on": str(in_days(300)),
                        "delivery_note": "note 1",
                    },
                )
        until("the site has rehearsed and is supplied, as the blinded side sees it", self._site_is_open)

    def _site_is_open(self) -> bool:
        site = next(site for site in self.manager.get("sites/") if site["code"] == SITE)
        return bool(site["drill_done_at"] and site["may_supply"])

    def screen(self) -> None:
        """Register, consent, answers, sample."""
        protocol = tomllib.loads((FIXTURES / "protocol.toml").read_text(encoding="utf-8"))
        answers = {item["key"]: item["kind"] == "inclusion" for item in protocol["eligibility"]["criterion"]}
        made = self.coordinator.post("participants/", {"site_code": SITE, "sepsis_at": ago(hours=30)})
        self.number = made["number"]
        self._screening(
            "consent",
            {"given_by": "patient", "form_version": protocol["consent_versions"][0], "given_at": ago(hours=6)},
        )
        self._screening(
            "eligibility", {"answers": answers, "sex": "female", "year_of_birth": 1960, "neutrophils_per_mm3": 9000}
        )
        self._screening("identity", {"elsewhere": False})
        self._screening("samples", {"drawn_at": ago(hours=5), "covid19": False})
        self._screening("samples", {"shipped_at": ago(hours=3)})
        say(f"{self.number} is screened, the sample is shipped")

    def _screening(self, what: str, body: dict[str, Any]) -> None:
        self.coordinator.post(f"participants/{self.number}/{what}/", body)

    def measure(self) -> None:
        """Ferritin and HLA-DR at the central laboratory; the verdict comes down by itself."""
        sample = next(item for item in self.laboratory.get("laboratory/samples/") if item["participant"] == self.number)
        for given in (
            {"received_at": ago(hours=1)},
            {"analyte": "ferritin", "value": "800"},
            {"analyte": "hla_dr", "value": "3000"},
        ):
            self.laboratory.post(f"laboratory/samples/{sample['uid']}/results/", given)
        path = f"participants/{self.number}/samples/"
        until("the verdict is down", lambda: self.coordinator.get(path)["verdict"] == "eligible")

    def randomise(self) -> None:
        """The physician's signature, then the coordinator's."""
        signed = self.investigator.post(
            f"participants/{self.number}/eligibility/confirmation/", self.investigator.signature
        )
        if not signed["eligible"]:
            raise Refused("the signature says: not eligible")
        clearance = {"value_ml_min": "80.0", "method": "measured", "sampled_at": ago(hours=2), "unit": "mL/min"}
        bound = self.coordinator.post(
            f"participants/{self.number}/allocation/",
            {"clearance": clearance, "signature": self.coordinator.signature},
        )
        say(f"{self.number} has kit {bound['kit_code']}")

    def prepare(self) -> None:
        """One IV syringe, made, checked, labelled, released and handed over; the ward sees it when it is down."""
        due = [row for row in self.pharmacist.get("pharmacy/worklist/") if row["participant"] == self.number]
        self.dose = next(row["dose_uid"] for row in due if (row["route"], row["number"]) == ("IV", 1))
        made = self.pharmacist.post("pharmacy/preparations/", {"dose_uid": self.dose})
        uids = [made["uid"]]
        needed = self.pharmacist.post("pharmacy/preparations/suggestions/", {"preparations": uids})
        lots = {item["code"]: {"cartons": [self._open_carton(item["code"])]} for item in needed}
        making = {"preparations": uids, "lots": lots, **self.pharmacist.signature}
        taken = self.pharmacist.post("pharmacy/preparations/making/", making)[0]["lots_taken"]
        read = {"preparations": uids, "lots": [lot["id"] for lot in taken]}
        self.preparer.post("pharmacy/preparations/checks/", {**read, **self.preparer.signature})
        labels = self.pharmacist.post(f"pharmacy/preparations/{made['uid']}/labels.pdf")
        if not labels.startswith(b"%PDF"):
            raise Refused("the labels are no PDF")
        self.barcode = f"{made['kit_code']}.{made['route']}.{made['number']:02}.{made['pack_code']}"
        change = {"barcode": self.barcode, "hand_over_reason": "the ward waits for it"}
        self.pharmacist.patch(f"pharmacy/preparations/{made['uid']}/", change)
        until("the first syringe is ready for the ward", lambda: self._dose_state() == "ready")

    def _open_carton(self, product: str) -> int:
        """Scan the carton of a product as it is opened: article number, lot, expiry."""
        item = self.products[product]
        code = f"]d201{item['gtins'][0]}10{lot_of(item)}\x1d17{in_days(300):%y%m%d}"
        return int(self.pharmacist.post("pharmacy/stock/cartons/", {"product": product, "code": code})["id"])

    def _dose_state(self) -> str:
        doses = self.nurse.get(f"participants/{self.number}/doses/")
        return str(next(dose["state"] for dose in doses if dose["uid"] == self.dose))

    def give(self) -> None:
        """Card, then syringe."""
        given = {"participant_number": self.number, "barcode": self.barcode}
        self.nurse.post(f"doses/{self.dose}/administration/", given)
        if self._dose_state() != "given":
            raise Refused(f"the dose reads {self._dose_state()}, not given")
        say("the dose is given")

    def break_code_with_a_hung_broker(self) -> None:
        """Redis takes connections and answers nothing: the treatment is shown at once, the message goes down later."""
        os.kill(self.redis_pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            wanted = {"number": self.number, "category": "emergency", "reason": "bleeding"}
            seen = self.breaker.post("code-breaks/", {**wanted, "signature": self.breaker.signature})
            seconds = time.monotonic() - began
            time.sleep(HANGS_SECONDS)  # long enough for worker and beat to notice: they must live through it
        finally:
            os.kill(self.redis_pid, signal.SIGCONT)
        if not seen["arm"] or seconds > AT_ONCE_SECONDS:
            raise Refused(f"the code break took {seconds:.1f} s with a hung broker")
        say(f"a code was broken in {seconds:.1f} s while the broker hung")
        until("the blinded side knows that a code was broken", self._broken_below)

    def _broken_below(self) -> bool:
        events = self.manager.get("audit/events/")
        return any("code" in event["action"] and event["subject"] == self.number for event in events)


def main() -> None:
    """The whole way; ends with an error at the first answer that was not wanted."""
    blinded, unblinded = Side(sys.argv[1], sys.argv[2]), Side(sys.argv[3], sys.argv[4])
    for side in (blinded, unblinded):
        until(f"{side.host} answers", side.is_well)
    trial = Trial(blinded, unblinded, Path(sys.argv[5]).read_text(encoding="utf-8").strip(), int(sys.argv[6]))
    trial.appoint()
    trial.open_site()
    trial.screen()
    trial.measure()
    trial.randomise()
    trial.prepare()
    trial.give()
    trial.break_code_with_a_hung_broker()


if __name__ == "__main__":
    main()
