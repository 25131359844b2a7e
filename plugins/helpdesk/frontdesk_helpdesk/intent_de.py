"""German phrases that ask for a person. Every repetition is bounded: the time grows no faster than the text."""

_KIND = (
    r"(?:(?:eine[mnrs]?|ein|n|'n|nem|nen|echte[mnrs]?|richtige[mnrs]?|lebende[mnrs]?|eure[mnrs]?|ihre[mnrs]?|deine[mnrs]?|"
    r"de[mnrs]|die|menschliche[mnrs]?|live|bitte|mal|auch|dringend|hier|irgendein(?:en)?) ){0,4}"
)
_STRONG = (
    r"(?:mensch(?:en)?|mitarbeiter(?:in|n)?|person|agent(?:en|in)?|supporter|kundendienst|kundenservice|berater(?:in)?|"
    r"ansprechpartner(?:in)?|vorgesetzten?|moderator(?:in|en)?|mod|admin|kollegen?|kollegin|operator)"
)
_PERSON = rf"(?:{_STRONG}|support(?:team)?|team|leuten?|jemande[mn]|jemand|wem)"
_TALK = r"(?:sprechen|reden|schreiben|chatten|telefonieren|verbinden|verbunden)"
_ASK = (
    r"(?:ich|kann|kannst|können|könnt|könnte|könnten|möchte|will|würde|darf|bitte|lass|gibt|okay|ok|ja|muss|wie|habt)"
)
_ANY = r"(?:(?:mich|mir|sich|bitte|mal|hier|auch|sie|das|doch|du) ){0,4}"

WANTED = (
    # to talk to somebody of yours
    rf"\b{_ASK}\b.{{0,40}}\b(?:mit|zum|zur) {_KIND}{_PERSON}\b.{{0,45}}\b{_TALK}\b",
    rf"^(?:mit|zum|zur) {_KIND}{_PERSON}\b.{{0,30}}\b{_TALK}\b",
    r"\bmit jemandem persönlich\b",
    rf"\b(?:möchte|will|verlange|würde gerne?|kann ich|muss) (?:bitte )?{_KIND}{_PERSON} (?:zu )?sprechen\b",
    r"\b(?:wen|mit wem) kann ich\b.{0,40}\b(?:sprechen|reden)\b",
    rf"\b(?:gibt es|habt ihr|haben sie|ist|sind)\b.{{0,25}}\b{_PERSON},? mit (?:dem|denen|der) ich\b",
    rf"\bmit (?:dem|denen|der) ich {_TALK} kann\b",
    # to be handed over
    rf"\b(?:verbinde[nt]?|leite[nt]?|stell[et]?|übergib|übergeben|gib|geben|schick[et]?|hol[et]?|bring[et]?) {_ANY}"
    rf"(?:(?:an|mit|zum|zu|zur) )?{_KIND}{_PERSON}\b(?! (?:geld|einen))",
    rf"\b(?:an|zu|zum) {_KIND}{_PERSON}\b.{{0,20}}\b(?:weiterleiten|weitergeleitet|übergeben|durchstellen|durchgestellt|eskalieren)\b",
    rf"\b(?:weiterleiten|durchstellen|weiterleitung) (?:an|zu|zum) {_KIND}{_PERSON}\b",
    r"\bverbinden sie mich\b|^(?:bitte )?(?:durchstellen|weiterleiten|eskalieren)(?: bitte)?$|\beskaliere das\b",
    # to get somebody
    rf"\b(?:brauche|will|möchte|hätte gerne?|verlange|kann ich|bitte um) {_KIND}{_STRONG}(?: (?:haben|bitte|sprechen|jetzt|sofort)){{0,2}}$",
    r"\b(?:brauche|will|möchte|hätte gerne?) jemanden (?:vom|aus dem|von eurem) (?:team|support)\b",
    r"\bmenschliche[mnr]? (?:hilfe|unterstützung|support|ansprechpartner(?:in)?)\b",
    rf"\b(?:kann|könnte|könnten|können|soll|sollte) {_ANY}(?:{_KIND}{_STRONG}|jemand (?:aus dem|vom|von eurem) (?:team|support))\b.{{0,25}}"
    r"\b(?:ansehen|anschauen|übernehmen|helfen|melden|anrufen|zurückrufen|reinkommen|antworten|dazukommen)\b",
    rf"\b(?:kann|könnte) {_ANY}jemand {_ANY}(?:anrufen|zurückrufen|melden|kontaktieren)\b",
    rf"\bein {_STRONG} soll\b",
    rf"\bwie (?:erreiche|kontaktiere) ich {_KIND}{_STRONG}$|\bwie (?:kann|könnte) ich {_KIND}{_STRONG} (?:erreichen|kontaktieren|sprechen)\b",
    rf"\bkontakt (?:zu|mit) {_KIND}{_PERSON}\b",
    r"\bvon einer (?:echten )?person (?:betreut|beraten)\b|\bein mensch wäre\b",
    # is anybody there
    r"\b(?:ist|sind) (?:da|hier) (?:(?:ein|irgendein|auch) )?(?:echter? )?(?:mensch|menschen|leute)\b",
    r"\blive ?chat mit echten\b",
    # no bot
    r"\bkeine?n? (?:bot|bots|roboter)(?: bitte)?$|\bmit keinem bot\b",
    r"\b(?:nicht|nicht mehr) mit (?:einem|dem|diesem|nem) (?:bot|roboter|computer) (?:sprechen|reden|schreiben|chatten)\b",
    # the person alone
    rf"^(?:(?:ja|okay|ok|bitte|nein|hallo) ){{0,3}}(?:(?:eine[nr]?|echte[nr]?|richtige[nr]?|menschliche[nr]?) ){{0,3}}(?:{_STRONG}|live agent)(?: (?:bitte|jetzt|sofort)){{0,2}}$",
)

NOT_WANTED = (
    rf"\bnicht (?:mit )?{_KIND}{_PERSON} {_TALK}\b|\bnicht verbinden\b|\bniemande?[mn]?\b|\bbrauche keine[nm]?\b",
    r"\b(?:gesprochen|geschrieben|geredet|gesagt)\b|\bwar(?:en)? (?:sehr )?nett\b",
    r"\bmuss ich\b|\b(?:schmied|händler|wirt|quest|dorf|lobby|gilde)\b",
    r"\bkein mensch\b|\b(?:und|oder) bist du\b",
)
