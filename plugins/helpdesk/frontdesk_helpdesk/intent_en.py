"""English phrases that ask for a person. Every repetition is bounded: the time grows no faster than the text."""

_KIND = (
    r"(?:(?:a|an|the|your|ur|any|some|one of|another|real|live|actual|human|support|service|member of|of)\s){0,4}"
    r"(?:(?:the|your|ur|real|live|actual)\s)?"
)
_PERSON = (
    rf"{_KIND}(?:persons?|humans?|human beings?|hooman|agents?|representatives?|reps?|operators?|people|staff(?: members?)?|"
    r"team|support(?: staff| team| agent)?|customer (?:service|support|care)|moderators?|mods?|managers?|supervisors?|"
    r"employees?|colleagues?)"
)
_ONE = (
    rf"{_KIND}(?:person|human|human being|agent|representative|operator|mod|moderator|supporter|staff member|supervisor|"
    r"manager|employee|(?:someone|somebody) from (?:your|ur|the) (?:team|support|staff))"
)
_SOMEONE = rf"(?:{_PERSON}|someone|some1|sum1|somebody|anyone|anybody|one of your \w{{1,15}})(?: real| human)?"
_ASK = r"(?:i'?d|i|i'll|wanna|can|could|may|let|lemme|please|pls|plz|want|need|like|rather|prefer|possible|anybody|anyone|somebody|someone)"
_TALK = r"(?:talk|speak|chat)(?:ing)?"
_HAND = r"(?:connect|transfer|hand|pass|switch|forward|escalat|redirect|refer|put)"

WANTED = (
    # to talk to somebody of yours
    rf"\b{_ASK}\b.{{0,40}}\b{_TALK} (?:to|with|2) {_SOMEONE}\b",
    rf"^(?:(?:then|ok|okay|yes|just) ){{0,3}}{_TALK} (?:to|with|2) {_SOMEONE}\b",
    rf"\bwho(?:m)? (?:can|do|should|must|could) i {_TALK}\b",
    rf"\b(?:is|are) there\b.{{0,30}}\b(?:i|we) (?:can|could) {_TALK}\b",
    rf"\bdo you have {_PERSON}\b.{{0,20}}\b{_TALK}\b",
    rf"\b(?:anybody|anyone|somebody|someone|people|human|person) (?:here |there )?(?:that )?i (?:can|could) {_TALK} (?:to|with)\b",
    # to be handed over
    rf"\b{_HAND}(?:e|ing|s)? (?:me|this|us|it)\b.{{0,25}}\b{_SOMEONE}\b",
    rf"\bbe (?:connected|transferred|handed over|passed on|forwarded|put through)\b.{{0,15}}\b{_SOMEONE}\b",
    r"^(?:(?:please|yes|ok) ){0,2}(?:escalate|connect)(?: please| this| me){0,2}$",
    # to get somebody
    rf"\b(?:get|give|send|bring|find|fetch) me {_SOMEONE}\b(?! (?:to|a|an|the|my|hours|code)\b)",
    rf"\bget hold of {_SOMEONE}\b|\bget (?:somebody|someone) (?:from|in)\b",
    rf"\b(?:want|need|prefer|like|rather have|demand) {_ONE}(?: help| assistance| support)?"
    r"(?: (?:please|pls|plz|now|right now|asap|instead|here|quickly|rather)){0,2}$",
    r"\b(?:human|live) (?:help|assistance|support)$",
    rf"\bhave {_SOMEONE} (?:contact|call|reach|message)\b",
    rf"\b(?:want|need|like) {_SOMEONE} to (?:contact|call|reach|message|answer)\b",
    rf"\b(?:contact|reach|get through to) {_PERSON}\b(?! (?:hours|code|page))",
    rf"\b(?:can|could|may|would) {_ONE}\b.{{0,20}}\b(?:look|help|take|call|contact|join|assist|check|answer|step in|reply)\b",
    r"\b(?:can|could|would) (?:someone|somebody) (?:please )?(?:call|contact|phone) me\b",
    rf"\bhelp from (?:{_ONE}|someone in your customer)\b",
    # is anybody there
    r"\b(?:is|are) (?:there )?(?:a|any) (?:real |live |actual )?(?:person|people|human|humans|agent|agents) (?:there|here|around|available)\b",
    r"^(?:(?:hello|hey|hi) ){0,2}any(?:one)? (?:real|human|humans|agents?)(?: in)? (?:there|here)\b",
    # no bot
    rf"\b(?:don'?t|do not|no longer) (?:want|wish|like|need) (?:to {_TALK} (?:to|with) )?(?:(?:a|this|the|your|any) )?"
    r"(?:bots?|robots?|machine|ai)\b",
    r"\bno (?:more )?(?:bot|bots|robots?)(?: please)?$",
    # the person alone
    r"^(?:(?:yes|please|ok|okay|stop|just|want) ){0,3}(?:(?:an?|the|one|live|real|actual) ){0,3}"
    r"(?:human(?: being)?|person|agent|operator|representative|hooman|moderator|live chat|supervisor|customer (?:service|support))"
    r"(?: (?:would be (?:nice|great|good)|please|pls|plz|now)){0,2}$",
)

NOT_WANTED = (
    r"\b(?:do not|don'?t|never|no need to|not|without having to) (?:\w{1,20} ){0,3}(?:talk|speak|chat|connect|connected|transfer|need|want) "
    r"(?!(?:\w{1,20} ){0,4}(?:bots?|robots?|machine|ai)\b)",
    r"\bdo i (?:have|need) to\b|(?<!who )\bshould i (?:contact|talk|speak)\b|\bno need\b",
    r"\b(?:talked|spoke|chatted) (?:to|with)\b|\bthank(?:s| you) for\b",
    r"\b(?:npc|innkeeper|blacksmith|merchant|guard|ghost|quest|guild|lobby|horse)\b",
)
