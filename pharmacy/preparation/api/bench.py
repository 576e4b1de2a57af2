"""The steps of a preparation over the API: start, make, check, release, void, labels."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.labels.media import Medium
from pharmacy.labels.sheet import ON_A_SHEET, Sheet
from pharmacy.preparation.checking import check_may_check, waiting_for_check
from pharmacy.preparation.instruction import steps
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.selectors import preparation_for, preparations_for
from pharmacy.preparation.services import check as checking
from pharmacy.preparation.services import enter_envelope as entering
from pharmacy.preparation.services import make as making
from pharmacy.preparation.services.finish import hand_over_now, release, void
from pharmacy.preparation.services.make import TypedLot
from pharmacy.preparation.services.prepare import prepare, prepare_day
from randomization.accounts.api import Endpoint, Moment, SignatureInput
from randomization.shared.ids import parse_barcode

S = serializers


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

    def get_steps(self, made: Any) -> list[str]:
        """The instruction in steps."""
        return steps(made)


class PrepareInput(S.Serializer[Any]):
    """The dose to prepare, or the kit whose coming day is to be prepared; `override_reason` where a route is short."""

    dose_uid = S.UUIDField(required=False)
    kit_code = S.CharField(required=False)
    override_reason = S.CharField(required=False, default="")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("dose_uid" in given) == ("kit_code" in given):
            raise S.ValidationError("Give dose_uid, or kit_code for the patient's coming day.")
        return given


class LotInput(S.Serializer[Any]):
    """A lot as scanned; the expiry is asked for the hospital's own stock."""

    number = S.CharField()
    expires_on = S.DateField(required=False, default=None)


class MakingInput(SignatureInput):
    """What was made, the lots by product, and the preparer's signature."""

    preparations = S.ListField(child=S.UUIDField(), allow_empty=False)
    lots = S.DictField(child=LotInput(), required=False, default=dict)


class CheckInput(SignatureInput):
    """What was checked, and the second person's signature; `waiver_reason` where the sponsor waived the check."""

    preparations = S.ListField(child=S.UUIDField(), allow_empty=False)
    waiver_reason = S.CharField(required=False, default="")


class ChangeInput(S.Serializer[Any]):
    """`barcode` releases, with `hand_over_reason` so that the ward sees it now; that alone hands over what was
    released for later; `void_reason` voids."""

    barcode = S.CharField(required=False)
    hand_over_reason = S.CharField(required=False)
    void_reason = S.CharField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A void stands alone."""
        if not given or ("void_reason" in given and len(given) > 1):
            raise S.ValidationError("Give barcode, hand_over_reason, or void_reason alone.")
        return given


class Preparations(Endpoint):
    """Preparations within reach; a new one opens one assignment."""

    @extend_schema(responses=PreparationOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(PreparationOutput(preparations_for(self.actor()), many=True).data)

    @extend_schema(request=PrepareInput, responses={201: PreparationOutput})
    def post(self, request: Request) -> Response:
        given = self.parsed(PrepareInput)
        if "kit_code" in given:
            made = prepare_day(actor=self.actor(), kit_code=given["kit_code"])
            return Response(PreparationOutput(made, many=True).data, status=201)
        one = prepare(actor=self.actor(), dose_uid=given["dose_uid"], override_reason=given["override_reason"])
        return Response(PreparationOutput(one).data, status=201)


class Making(Endpoint):
    """Sign that preparations of one kit were made as instructed."""

    @extend_schema(request=MakingInput, responses=PreparationOutput(many=True))
    def post(self, request: Request) -> Response:
        given = self.parsed(MakingInput)
        uids = given["preparations"]
        lots = {code: TypedLot(lot["number"], lot["expires_on"]) for code, lot in given["lots"].items()}
        grant = self.signed(
            given, meaning=making.MEANING, subject=preparation_for(self.actor(), uids[0]).kit_code,
            content=making.signed_content(uids, lots),
        )  # fmt: skip
        made = making.make(actor=self.actor(), uids=uids, lots=lots, grant=grant)
        return Response(PreparationOutput(made, many=True).data)


class Checks(Endpoint):
    """What waits for a second person, here and where one's site covers; and the second person's signature."""

    @extend_schema(responses=PreparationOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(PreparationOutput(waiting_for_check(self.actor()), many=True).data)

    @extend_schema(request=CheckInput, responses=PreparationOutput(many=True))
    def post(self, request: Request) -> Response:
        given = self.parsed(CheckInput)
        uids = given["preparations"]
        grant = self.signed(
            given, meaning=checking.MEANING, subject=check_may_check(self.actor(), uids[0]).kit_code,
            content=checking.signed_content(uids),
        )  # fmt: skip
        made = checking.check(actor=self.actor(), uids=uids, grant=grant, waiver_reason=given["waiver_reason"])
        return Response(PreparationOutput(made, many=True).data)


class OnePreparation(Endpoint):
    """Release, hand over now, or void."""

    @extend_schema(request=ChangeInput, responses=PreparationOutput)
    def patch(self, request: Request, uid: UUID) -> Response:
        given = self.parsed(ChangeInput)
        if "barcode" in given:
            made = release(actor=self.actor(), uid=uid, **given)
        elif "hand_over_reason" in given:
            made = hand_over_now(actor=self.actor(), uid=uid, reason=given["hand_over_reason"])
        else:
            made = void(actor=self.actor(), uid=uid, reason=given["void_reason"])
        return Response(PreparationOutput(made).data)


class SheetInput(S.Serializer[Any]):
    """`sheet` prints one kind of label on A4, from the position `start` on; without it, a roll."""

    reason = S.CharField(required=False, default="")
    sheet = S.ChoiceField(required=False, choices=sorted(ON_A_SHEET))
    start = S.IntegerField(required=False, default=1)


class LabelsPdf(Endpoint):
    """The labels of one preparation; each print is recorded. A reprint takes `reason`."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, request=None, parameters=[SheetInput])
    def post(self, request: Request, uid: UUID) -> HttpResponse:
        given = SheetInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        sheet = Sheet(asked["sheet"], asked["start"]) if "sheet" in asked else None
        medium = Medium.SHEET if sheet else Medium.ROLL
        content = print_labels(self.actor(), uid, reason=asked["reason"], medium=medium, sheet=sheet)
        return HttpResponse(content, content_type="application/pdf")


class LabelsZpl(Endpoint):
    """The labels of one preparation for a thermal printer; each print is recorded. A reprint takes `reason`."""

    @extend_schema(responses={(200, "application/zpl"): OpenApiTypes.BINARY}, request=None,
                   parameters=[OpenApiParameter("reason", str)])  # fmt: skip
    def post(self, request: Request, uid: UUID) -> HttpResponse:
        reason = request.query_params.get("reason", "")
        content = print_labels(self.actor(), uid, reason=reason, medium=Medium.THERMAL)
        return HttpResponse(content, content_type="application/zpl")


class EnvelopeInput(SignatureInput):
    """One syringe that was prepared from an envelope, as the paper says."""

    barcode = S.CharField()
    prepared_at = Moment()
    made_by = S.CharField()
    checked_by = S.CharField()
    lots = S.DictField(child=LotInput(), required=False, default=dict)


class FromEnvelope(Endpoint):
    """After an outage: enter one syringe that was prepared from an envelope."""

    @extend_schema(request=EnvelopeInput, responses={201: PreparationOutput})
    def post(self, request: Request) -> Response:
        given = self.parsed(EnvelopeInput)
        label = parse_barcode(given["barcode"])
        asked = {key: given[key] for key in ("prepared_at", "made_by", "checked_by")}
        lots = {code: TypedLot(lot["number"], lot["expires_on"]) for code, lot in given["lots"].items()}
        content = entering.signed_content(str(label), **asked)
        grant = self.signed(given, meaning=entering.MEANING, subject=label.kit_code, content=content)
        made = entering.enter_preparation(actor=self.actor(), barcode=str(label), lots=lots, grant=grant, **asked)
        return Response(PreparationOutput(made).data, status=201)
