"""REST of studio.twilio.com: flows, validation, executions."""

import json
from typing import Any

from frontdesk_sandbox.twilio.clock import rest_time
from frontdesk_sandbox.twilio.errors import invalid, not_found
from frontdesk_sandbox.twilio.http import GONE, Answer, Call, Table, page

from .definition import findings
from .service import Studio, refused
from .state import Execution, Flow, Revision, Step

ROOT = "https://studio.twilio.com/v2"


class StudioApi:
    """Fills a table with the paths of Studio v2."""

    def __init__(self, account_sid: str, studio: Studio) -> None:
        self._account = account_sid
        self._studio = studio

    def fill(self, table: Table) -> None:
        """Register every path."""
        flow, execution = "/v2/Flows/{FlowSid}", "/v2/Flows/{FlowSid}/Executions/{Sid}"
        table.add("GET", "/v2/Flows", self.list_flows)
        table.add("POST", "/v2/Flows", self.create_flow)
        table.add("POST", "/v2/Flows/Validate", self.validate)
        table.add("GET", flow, self.fetch_flow)
        table.add("POST", flow, self.update_flow)
        table.add("DELETE", flow, self.delete_flow)
        table.add("GET", f"{flow}/Revisions", self.list_revisions)
        table.add("GET", f"{flow}/Executions", self.list_executions)
        table.add("GET", execution, self.fetch_execution)
        table.add("POST", execution, self.update_execution)
        table.add("GET", f"{execution}/Context", self.fetch_context)
        table.add("GET", f"{execution}/Steps", self.list_steps)

    def _flow(self, call: Call) -> Flow:
        return self._studio.find(call.args["FlowSid"])

    def _render_flow(self, flow: Flow) -> dict[str, Any]:
        url = f"{ROOT}/Flows/{flow.sid}"
        return self._render_revision(flow, flow.latest) | {
            "warnings": [],
            "date_created": rest_time(flow.created),
            "webhook_url": f"https://webhooks.twilio.com/v1/Accounts/{self._account}/Flows/{flow.sid}",
            "url": url,
            "links": {
                "executions": f"{url}/Executions",
                "revisions": f"{url}/Revisions",
                "test_users": f"{url}/TestUsers",
            },
        }

    def _render_revision(self, flow: Flow, revision: Revision) -> dict[str, Any]:
        return {
            "sid": flow.sid,
            "account_sid": self._account,
            "author_sid": None,
            "friendly_name": revision.friendly_name,
            "definition": revision.definition,
            "status": revision.status,
            "revision": revision.number,
            "commit_message": revision.commit_message,
            "valid": not revision.errors,
            "errors": revision.errors,
            "date_created": rest_time(flow.created),
            "date_updated": rest_time(revision.updated),
            "url": f"{ROOT}/Flows/{flow.sid}/Revisions/{revision.number}",
        }

    def _status(self, call: Call) -> str:
        status = call.form.need("Status")
        if status not in {"draft", "published"}:
            raise invalid("Status must be draft or published")
        return status

    def _definition(self, call: Call) -> Any:
        call.form.need("Definition")
        return call.form.document("Definition")

    def list_flows(self, call: Call) -> Answer:
        """All flows, without their definitions."""
        flows = list(self._studio.flows.values())
        return page(call, "flows", flows, lambda f: self._render_flow(f) | {"definition": None})

    def create_flow(self, call: Call) -> Answer:
        """A flow."""
        name, status = call.form.need("FriendlyName"), self._status(call)
        definition = self._definition(call)
        flow = self._studio.revise(None, name, status, definition, call.form.get("CommitMessage"))
        return Answer(201, self._render_flow(flow))

    def validate(self, call: Call) -> Answer:
        """Whether a flow could be published."""
        call.form.need("FriendlyName")
        self._status(call)
        errors = findings(self._definition(call))
        if errors:
            raise refused(errors)
        return Answer(200, {"valid": True})

    def fetch_flow(self, call: Call) -> Answer:
        """One flow."""
        return Answer(200, self._render_flow(self._flow(call)))

    def update_flow(self, call: Call) -> Answer:
        """The next revision."""
        flow = self._flow(call)
        status = self._status(call)
        definition = flow.latest.definition
        if "Definition" in call.form:
            definition = self._definition(call)
        name = call.form.get("FriendlyName") or flow.latest.friendly_name
        self._studio.revise(flow, name, status, definition, call.form.get("CommitMessage"))
        return Answer(200, self._render_flow(flow))

    def delete_flow(self, call: Call) -> Answer:
        """A flow less."""
        del self._studio.flows[self._flow(call).sid]
        return GONE

    def list_revisions(self, call: Call) -> Answer:
        """All revisions, newest first."""
        flow = self._flow(call)
        newest = list(reversed(flow.revisions))
        return page(call, "revisions", newest, lambda r: self._render_revision(flow, r))

    def _render_execution(self, execution: Execution) -> dict[str, Any]:
        url = f"{ROOT}/Flows/{execution.flow_sid}/Executions/{execution.sid}"
        return {
            "sid": execution.sid,
            "account_sid": self._account,
            "flow_sid": execution.flow_sid,
            "contact_channel_address": execution.conversation_sid,
            "contact_sid": execution.contact_sid,
            "flow_version": execution.revision,
            "context": {},
            "status": execution.status,
            "date_created": rest_time(execution.created),
            "date_updated": rest_time(execution.updated),
            "url": url,
            "links": {"steps": f"{url}/Steps", "execution_context": f"{url}/Context"},
        }

    def list_executions(self, call: Call) -> Answer:
        """The executions of a flow, newest first."""
        flow, status = self._flow(call), call.query.get("Status") or call.query.get("status")
        found = [
            e
            for e in reversed(self._studio.executions.values())
            if e.flow_sid == flow.sid and (status is None or e.status == status)
        ]
        return page(call, "executions", found, self._render_execution)

    def _execution(self, call: Call) -> Execution:
        found = self._studio.executions.get(call.args["Sid"])
        if found is None or found.flow_sid != call.args["FlowSid"]:
            raise not_found(f"Execution {call.args['Sid']}")
        return found

    def fetch_execution(self, call: Call) -> Answer:
        """One execution."""
        return Answer(200, self._render_execution(self._execution(call)))

    def update_execution(self, call: Call) -> Answer:
        """End it."""
        execution = self._execution(call)
        if call.form.need("Status") != "ended":
            raise invalid("Status must be ended")
        self._studio.stop(execution)
        return Answer(200, self._render_execution(execution))

    def fetch_context(self, call: Call) -> Answer:
        """The variables of an execution."""
        execution = self._execution(call)
        url = f"{ROOT}/Flows/{execution.flow_sid}/Executions/{execution.sid}"
        return Answer(
            200,
            {
                "account_sid": self._account,
                "flow_sid": execution.flow_sid,
                "execution_sid": execution.sid,
                "context": json.loads(json.dumps(execution.variables, default=str)),
                "url": f"{url}/Context",
            },
        )

    def list_steps(self, call: Call) -> Answer:
        """The widgets that ran, newest first."""
        execution = self._execution(call)
        url = f"{ROOT}/Flows/{execution.flow_sid}/Executions/{execution.sid}/Steps"

        def render(step: Step) -> dict[str, Any]:
            return {
                "sid": step.sid,
                "account_sid": self._account,
                "flow_sid": execution.flow_sid,
                "execution_sid": execution.sid,
                "name": step.event,
                "context": {},
                "transitioned_from": step.name,
                "transitioned_to": step.transitioned_to or "Ended",
                "date_created": rest_time(step.created),
                "date_updated": rest_time(step.created),
                "url": f"{url}/{step.sid}",
                "links": {"step_context": f"{url}/{step.sid}/Context"},
            }

        return page(call, "steps", list(reversed(execution.steps)), render)
