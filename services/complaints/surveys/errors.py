"""What the surveys refuse."""

from shared.errors import Conflict, Gone, NotFound


class SurveyUnknown(NotFound):
    code, title = "survey_unknown", "No such survey"

    def __init__(self) -> None:
        super().__init__("no survey has this id and secret")


class SurveyAnswered(Conflict):
    code, title = "survey_answered", "The survey is answered"


class SurveyOver(Gone):
    code, title = "survey_over", "The survey is over"


class AnswerUnknown(NotFound):
    code, title = "answer_unknown", "No such answer"

    def __init__(self) -> None:
        super().__init__("no answer has this id")


class AnswerSatisfied(Conflict):
    code, title = "answer_satisfied", "The answer is satisfied"


class RuleUnknown(NotFound):
    code, title = "survey_rule_unknown", "No such rule"

    def __init__(self) -> None:
        super().__init__("no rule has this id")


class RulesOverlap(Conflict):
    code, title = "survey_rules_overlap", "Another rule holds on those days"


class TooManyRules(Conflict):
    code, title = "too_many_survey_rules", "Too many rules"


class KeywordUnknown(NotFound):
    code, title = "survey_keyword_unknown", "No such keyword"

    def __init__(self) -> None:
        super().__init__("no keyword is written so")


class TooManyKeywords(Conflict):
    code, title = "too_many_survey_keywords", "Too many keywords"
