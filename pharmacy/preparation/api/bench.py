"""The steps of a preparation over the API: start, make, check, release, void."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.preparation.instruction import ingredients, lots_of, lots_taken, steps
from pharmacy.preparation.second_check import check_may_check, waiting_for_check
from pharmacy.preparation.selectors import preparation_for, preparations_for
from pharmacy.preparation.services.check import CheckSyringes, check
from pharmacy.preparation.services.finish import hand_over_now, release, void
from pharmacy.preparation.services.make import MakeSyringes, make
from pharmacy.preparation.services.prepare import prepare, prepare_day
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.api.cartons import CartonOutput
from randomization.delivery.api import AcceptingInput, Endpoint, Moment, SignatureInput, accepted_in, once, once_signed

S = serializers


class LotTakenOutput(S.Serializer[Any]):
    """A lot in a syringe, with the units that it took."""

    id = S.IntegerField(source="pk")
    product = S.CharField()
    number = S.CharField()
    expires_on = S.DateField()
    units = S.IntegerField()


class PreparationOutput(S.Serializer[Any]):
    """A preparation with its instruction."""

    uid = S.UUIDField()
    kit_code = S.CharField()
    route = S.CharField()
    number = S.IntegerField()
    pack_code = S.CharField()
    state = S.CharField()
    ready_at = Moment()
    use_before = Moment()
    steps = S.SerializerMethodField()

    def get_steps(self, preparation: Any) -> list[str]:
        """The instruction in steps."""
        return steps(preparation)


class MadeOutput(PreparationOutput):
    """A preparation that was made, with its lots for the second person."""

    lots_taken = S.SerializerMethodField()

    @extend_schema_field(LotTakenOutput(many=True))
    def get_lots_taken(self, preparation: Any) -> Any:
        """The lots that went into it: the second person reads number and expiry on the units."""
        return LotTakenOutput(lots_taken([preparation]), many=True).data


class OnePreparationOutput(MadeOutput):
    """One preparation with who made and checked it, from which lots."""

    planned_at = Moment()
    level = S.CharField()
    from_envelope = S.BooleanField()
    ready_missed = S.BooleanField()
    shown_at = Moment()
    lots = S.SerializerMethodField()
    made_by = S.CharField()
    checked_by = S.CharField()
    check_mode = S.CharField()

    def get_lots(self, preparation: Any) -> list[str]:
        """The lots that went into it."""
        return lots_of(preparation)


class PrepareInput(S.Serializer[Any]):
    """The dose to prepare, or the kit whose coming day is to be prepared; `override_reason` where a route is short."""

    dose_uid = S.UUIDField(required=False)
    kit_code = S.CharField(required=False)
    override_reason = S.CharField(required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("dose_uid" in attrs) == ("kit_code" in attrs):
            raise S.ValidationError("Give dose_uid, or kit_code for the patient's coming day.")
        return attrs


class LotInput(S.Serializer[Any]):
    """From where the units were taken: open cartons by their number, or a unit's code as scanned (`number`).

    A lot that is typed and not scanned needs its `reason`, and its expiry unless it is known here; `printed_lot` where
    the code leaves the lot open.
    """

    cartons = S.ListField(child=S.IntegerField(min_value=1), required=False, default=list)
    number = S.CharField(required=False, default="", allow_blank=True)
    expires_on = S.DateField(required=False, default=None, allow_null=True)
    printed_lot = S.CharField(required=False, default="", allow_blank=True)
    reason = S.CharField(required=False, default="", allow_blank=True)


def typed_lots(body: dict[str, Any]) -> dict[str, TypedLot]:
    """The lots of a parsed body, by product."""
    return {code: TypedLot(**{**lot, "cartons": tuple(lot["cartons"])}) for code, lot in body["lots"].items()}


class MakingInput(SignatureInput):
    """What was made, from where each product was taken, and the preparer's signature."""

    preparations = S.ListField(child=S.UUIDField(), allow_empty=False)
    lots = S.DictField(child=LotInput(), required=False, default=dict)


class CheckInput(SignatureInput):
    """What was checked, and the second person's signature; `waiver_reason` where the sponsor waived the check.

    `lots`: by their id, those whose number and expiry this person read on the units (`lots_taken` of the preparations).
    """

    preparations = S.ListField(child=S.UUIDField(), allow_empty=False)
    lots = S.ListField(child=S.IntegerField(), allow_empty=False)
    waiver_reason = S.CharField(required=False, default="")


class ChangeInput(AcceptingInput):
    """`barcode` releases, with `hand_over_reason` so that the ward sees it now; that alone hands over what was
    released for later; `void_reason` voids."""

    barcode = S.CharField(required=False)
    hand_over_reason = S.CharField(required=False)
    void_reason = S.CharField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A void stands alone."""
        acts = set(attrs) - {"accept_voids"}
        if not acts or ("void_reason" in acts and len(acts) > 1):
            raise S.ValidationError("Give barcode, hand_over_reason, or void_reason alone.")
        return attrs


class Preparations(Endpoint):
    """Preparations within reach; a new one opens one assignment."""

    @extend_schema(responses=PreparationOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(PreparationOutput(preparations_for(self.actor()), many=True).data)

    @extend_schema(request=PrepareInput, responses={201: PreparationOutput})
    @once
    def post(self, request: Request) -> Response:
        body = self.parsed(PrepareInput)
        if "kit_code" in body:
            preparations = prepare_day(actor=self.actor(), kit_code=body["kit_code"]).made
            return Response(PreparationOutput(preparations, many=True).data, status=201)
        preparation = prepare(actor=self.actor(), dose_uid=body["dose_uid"], override_reason=body["override_reason"])
        return Response(PreparationOutput(preparation).data, status=201)


class Making(Endpoint):
    """Sign that preparations of one kit were made as instructed."""

    @extend_schema(request=MakingInput, responses=MadeOutput(many=True))
    @once_signed
    def post(self, request: Request) -> Response:
        body = self.parsed(MakingInput)
        uids = body["preparations"]
        command = MakeSyringes(preparation_for(self.actor(), uids[0]).kit_code, uids, typed_lots(body))
        grant = self.signed(body, command)

        def act() -> Response:
            preparations = make(actor=self.actor(), command=command, grant=grant)
            return Response(MadeOutput(preparations, many=True).data)

        return self.once(act)


class Checks(Endpoint):
    """What waits for a second person, here and where one's site covers; and the second person's signature."""

    @extend_schema(responses=MadeOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(MadeOutput(waiting_for_check(self.actor()), many=True).data)

    @extend_schema(request=CheckInput, responses=PreparationOutput(many=True))
    def post(self, request: Request) -> Response:
        body = self.parsed(CheckInput)
        uids = body["preparations"]
        command = CheckSyringes(check_may_check(self.actor(), uids[0]).kit_code, uids, body["lots"])
        grant = self.signed(body, command)
        preparations = check(actor=self.actor(), command=command, grant=grant, waiver_reason=body["waiver_reason"])
        return Response(PreparationOutput(preparations, many=True).data)


class OnePreparation(Endpoint):
    """Where it stands; release, hand over now, or void."""

    @extend_schema(responses=OnePreparationOutput)
    def get(self, request: Request, uid: UUID) -> Response:
        return Response(OnePreparationOutput(preparation_for(self.actor(), uid)).data)

    @extend_schema(request=ChangeInput, responses=PreparationOutput)
    def patch(self, request: Request, uid: UUID) -> Response:
        body = self.parsed(ChangeInput)
        accepted = accepted_in(body)
        if "barcode" in body:
            preparation = release(actor=self.actor(), uid=uid, **body)
        elif "hand_over_reason" in body:
            preparation = hand_over_now(actor=self.actor(), uid=uid, reason=body["hand_over_reason"])
        else:
            preparation = void(actor=self.actor(), uid=uid, reason=body["void_reason"], accepted=accepted)
        return Response(PreparationOutput(preparation).data)


class SuggestionsInput(S.Serializer[Any]):
    """Which preparations of one kit, in their order."""

    preparations = S.ListField(child=S.UUIDField(), allow_empty=False)


class KnownLotOutput(S.Serializer[Any]):
    """A lot that was used here before."""

    number = S.CharField()
    expires_on = S.DateField()


class IngredientOutput(S.Serializer[Any]):
    """One product that they take: units, whether it is counted here, the lots to take first, and the open cartons.

    `known`: lots of the hospital's own stock that were used here before, with their expiry.
    """

    code = S.CharField()
    name = S.CharField()
    counted = S.BooleanField()
    units = S.IntegerField()
    suggested = S.CharField()
    cartons = CartonOutput(many=True)
    known = KnownLotOutput(many=True)


class Suggestions(Endpoint):
    """What some preparations take, and from which lots: first expiring first."""

    @extend_schema(request=SuggestionsInput, responses=IngredientOutput(many=True))
    def post(self, request: Request) -> Response:
        uids = self.parsed(SuggestionsInput)["preparations"]
        return Response(
            IngredientOutput(ingredients([preparation_for(self.actor(), uid) for uid in uids]), many=True).data
        )
