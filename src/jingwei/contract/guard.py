"""The append-only tables of this room, for the database to guard (`accounts.guard`)."""

from jingwei.accounts.guard import Guarded

GUARDED = (
    Guarded("contract_obligation", keys=(("contract_id", "key"),)),
    Guarded("contract_ambiguity", keys=(("contract_id", "key"),)),
    Guarded("contract_decision"),
    Guarded("contract_document"),
    Guarded("contract_documentstep"),
    Guarded("contract_dutyrecord", keys=(("key",), ("corrects_id",))),
    Guarded("contract_dutyconfirmation"),
    Guarded("contract_dutyfile"),
    Guarded("contract_seal", what="封存记录"),
    Guarded("contract_appraisal", (("contract_id", "period_start", "version"),), what="考核草案"),
    Guarded("contract_appraisalstep", (("appraisal_id", "kind"),), what="考核记录"),
    Guarded("contract_dutysheet", keys=(("record_id",),)),
)
