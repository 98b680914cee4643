package dev.countersign.agent.admin;

import dev.countersign.agent.proxy.traffic.Tap;
import dev.countersign.agent.proxy.traffic.TapFilter;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what is asked at the control socket; every change is logged with who asked. */
final class ControlService {
    /** So that a reader who has gone is noticed, and one who waits sees that it is connected. */
    private static final long HEARTBEAT_SECONDS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(ControlService.class);

    private final ControlCommands commands;

    ControlService(ControlCommands commands) {
        this.commands = commands;
    }

    /**
     * Answers one request.
     *
     * @param owner whether the caller is the agent's own user or root; others may only have it quit
     */
    void answer(ControlRequest request, String caller, boolean owner, ControlReply reply)
            throws IOException, InterruptedException {
        String wanted = request.method() + " " + request.path();
        if (!owner && !wanted.equals("POST /quit")) {
            refuse(reply, 403, "Forbidden", "user: " + caller + " (expected: the agent's own)");
            return;
        }
        try {
            switch (wanted) {
                case "POST /quit" -> {
                    said(caller, "quit");
                    commands.quit();
                    reply.ok(JsonText.page(Map.of("quitting", true)));
                }
                case "POST /drain" -> {
                    said(caller, "drain");
                    commands.drain();
                    reply.ok(JsonText.page(Map.of("draining", true)));
                }
                case "POST /log-level" -> {
                    String level = request.values().getOrDefault("level", "");
                    String before = commands.logLevel(level);
                    said(caller, "log level " + level);
                    reply.ok(JsonText.page(JsonText.ordered("level", level, "before", before)));
                }
                case "GET /tap" -> tap(TapFilter.parse(request.values()), reply);
                default ->
                        refuse(
                                reply,
                                404,
                                "Not Found",
                                wanted
                                        + ": unknown (expected: POST /drain, POST /quit, POST"
                                        + " /log-level?level=…, GET /tap)");
            }
        } catch (IllegalArgumentException wrong) {
            refuse(reply, 400, "Bad Request", wrong.getMessage());
        } catch (IllegalStateException busy) {
            refuse(reply, 503, "Service Unavailable", busy.getMessage());
        }
    }

    void refuse(ControlReply reply, int status, String reason, @Nullable String why)
            throws IOException {
        reply.answer(status, reason, JsonText.page(Map.of("error", String.valueOf(why))));
    }

    private void tap(TapFilter filter, ControlReply reply)
            throws IOException, InterruptedException {
        try (Tap.Reader reader = commands.tap().open(filter)) {
            reply.begin();
            while (true) {
                String line = reader.next(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
                long lost = reader.takeLost();
                if (lost > 0) {
                    reply.line("{\"kind\":\"lost\",\"lines\":" + lost + "}");
                }
                reply.line(line == null ? "{\"kind\":\"alive\"}" : line);
            }
        }
    }

    private static void said(String caller, String what) {
        LOG.atInfo().addKeyValue("user", caller).log("told on the control socket: {}", what);
    }
}
