package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.RotationState.Active;
import dev.countersign.server.authority.rotation.RotationState.Canary;
import dev.countersign.server.authority.rotation.RotationState.Distributing;
import dev.countersign.server.authority.rotation.RotationState.Draining;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.authority.rotation.RotationState.Prepared;
import dev.countersign.server.authority.rotation.RotationState.Preparing;
import dev.countersign.server.authority.rotation.RotationState.Retiring;
import dev.countersign.server.authority.rotation.RotationState.Stable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A state as the text that the journal keeps, and back. Names that this version does not know are
 * ignored: a newer server may run beside it.
 */
public final class RotationCodec {
    private static final String VERSION = "1";
    private static final int MAX_EXCLUSIONS = 10_000;
    static final int MAX_PAST = 1_000;

    private RotationCodec() {}

    public static String encode(RotationState state) {
        Fields out = Fields.empty().put("version", VERSION).put("state", name(state));
        HoldingsCodec.put(out, state.holdings());
        out.put("since.epoch", state.since().epoch())
                .put("since.at", state.since().at())
                .put("trustedSince", state.trustedSince());
        state.rotation().ifPresent(rotation -> put(out, rotation));
        switch (state) {
            case Stable stable -> {}
            case Preparing preparing ->
                    out.put("subject", preparing.subject().name())
                            .put("keyName", preparing.keyName());
            case Draining draining -> {
                HoldingsCodec.put(out, draining.change());
                out.put("longestLife", draining.longestLife());
            }
            case Retiring retiring -> {
                HoldingsCodec.put(out, retiring.change());
                out.put("longestLife", retiring.longestLife());
            }
            case Moving moving -> HoldingsCodec.put(out, moving.change());
        }
        return out.text();
    }

    /**
     * @throws BadRotationText when it is not such a text, or of an unknown version
     */
    public static RotationState decode(String text) throws BadRotationText {
        Fields in = Fields.parse(text);
        if (!in.text("version").equals(VERSION)) {
            throw in.malformed("version", VERSION);
        }
        try {
            return state(in);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new BadRotationText(String.valueOf(e.getMessage()));
        }
    }

    private static RotationState state(Fields in) throws BadRotationText {
        Holdings holdings = HoldingsCodec.holdings(in);
        Mark since = new Mark(in.number("since.epoch"), in.instant("since.at"));
        long trusted = in.number("trustedSince");
        String name = in.text("state");
        if (name.equals("Stable")) {
            return new Stable(holdings, since, trusted);
        }
        Rotation rotation = rotation(in);
        if (name.equals("Preparing")) {
            return new Preparing(
                    holdings,
                    rotation,
                    HoldingsCodec.subject(in),
                    in.text("keyName"),
                    since,
                    trusted);
        }
        Course course = new Course(holdings, rotation, HoldingsCodec.change(in), since, trusted);
        return switch (name) {
            case "Prepared" -> new Prepared(course);
            case "Distributing" -> new Distributing(course);
            case "Canary" -> new Canary(course);
            case "Active" -> new Active(course);
            case "Draining" -> new Draining(course, in.duration("longestLife"));
            case "Retiring" -> new Retiring(course, in.duration("longestLife"));
            default -> throw in.malformed("state", "one of this version");
        };
    }

    private static String name(RotationState state) {
        return switch (state) {
            case Stable s -> "Stable";
            case Preparing s -> "Preparing";
            case Prepared s -> "Prepared";
            case Distributing s -> "Distributing";
            case Canary s -> "Canary";
            case Active s -> "Active";
            case Draining s -> "Draining";
            case Retiring s -> "Retiring";
        };
    }

    private static void put(Fields out, Rotation rotation) {
        out.put("rotation.id", rotation.id())
                .put("rotation.begun", rotation.begun())
                .put("rotation.by", rotation.by())
                .put("rotation.back", rotation.back());
        rotation.stopped().ifPresent(why -> out.put("rotation.stopped", why));
        put(out, rotation.plan());
        out.put("exclusions.size", rotation.exclusions().size());
        for (int i = 0; i < rotation.exclusions().size(); i++) {
            Exclusion exclusion = rotation.exclusions().get(i);
            String at = "exclusions." + i;
            out.put(at + ".verifier", exclusion.verifier())
                    .put(at + ".reason", exclusion.reason())
                    .put(at + ".by", exclusion.by())
                    .put(at + ".at", exclusion.at());
        }
    }

    private static void put(Fields out, RotationPlan plan) {
        out.put("plan.dwell", plan.dwell())
                .put("plan.canaryWindow", plan.canaryWindow())
                .put("plan.skew", plan.skew())
                .put("plan.fence", plan.fence())
                .put("plan.minimumLife", plan.minimumLife())
                .put("plan.renewalsPerSecond", plan.renewalsPerSecond())
                .put("plan.emergency", plan.emergency());
        plan.canary().ifPresent(canary -> out.put("plan.canary", canary.toString()));
        plan.connectionDeadline()
                .ifPresent(deadline -> out.put("plan.connectionDeadline", deadline));
    }

    private static Rotation rotation(Fields in) throws BadRotationText {
        int size = in.size("exclusions", MAX_EXCLUSIONS);
        List<Exclusion> exclusions = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String at = "exclusions." + i;
            exclusions.add(
                    new Exclusion(
                            in.text(at + ".verifier"),
                            in.text(at + ".reason"),
                            in.text(at + ".by"),
                            in.instant(at + ".at")));
        }
        return new Rotation(
                in.text("rotation.id"),
                in.instant("rotation.begun"),
                in.text("rotation.by"),
                plan(in),
                exclusions,
                in.flag("rotation.back"),
                in.find("rotation.stopped"));
    }

    private static RotationPlan plan(Fields in) throws BadRotationText {
        Optional<Duration> deadline =
                in.find("plan.connectionDeadline").isPresent()
                        ? Optional.of(in.duration("plan.connectionDeadline"))
                        : Optional.empty();
        return new RotationPlan(
                in.duration("plan.dwell"),
                in.find("plan.canary").map(CanarySelector::parse),
                in.duration("plan.canaryWindow"),
                in.duration("plan.skew"),
                in.duration("plan.fence"),
                in.duration("plan.minimumLife"),
                deadline,
                Math.toIntExact(in.number("plan.renewalsPerSecond")),
                in.flag("plan.emergency"));
    }
}
