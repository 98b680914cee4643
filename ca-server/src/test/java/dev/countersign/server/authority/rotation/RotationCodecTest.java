package dev.countersign.server.authority.rotation;

import static dev.countersign.server.authority.rotation.Roots.B;
import static dev.countersign.server.authority.rotation.Roots.C;
import static dev.countersign.server.authority.rotation.Roots.NOW;
import static dev.countersign.server.authority.rotation.Roots.PLAN;
import static dev.countersign.server.authority.rotation.Roots.mark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RotationCodecTest {
    static List<RotationState> states() {
        RotationPlan canary =
                PLAN.withCanary(CanarySelector.parse("namespace=web,label:app.io/tier=front"))
                        .withConnectionDeadline(Duration.ofHours(1));
        RotationState.Distributing distributing = Roots.distributing(canary);
        return List.of(
                Roots.stable(),
                Roots.stable().standBy(C, mark(2)),
                Roots.stable()
                        .prepare(
                                Rotation.begin("r", NOW, "ops=1\nfoo\\bar\r", canary.asEmergency()),
                                Change.Subject.BUNDLE_KEY,
                                "bundle-2",
                                mark(2)),
                Roots.prepared(canary),
                distributing,
                distributing.canary(mark(5)),
                Roots.active(),
                Roots.active().undo(mark(6)),
                Roots.draining(canary),
                Roots.retiring(),
                Roots.retiring().finish(mark(8)),
                Roots.retiring().finish(mark(8)).standBy(C, mark(9)).distrust(B.keyId(), mark(10)),
                Roots.prepared(PLAN, new Change.OfBundleKey(Roots.K1, Roots.K2))
                        .distribute(mark(4)),
                distributing.with(
                        distributing
                                .course()
                                .rotation()
                                .excluding(new Exclusion("shop/web", "is = broken", "me", NOW))
                                .stopped("R1: …")));
    }

    @ParameterizedTest
    @MethodSource("states")
    void everyStateComesBackAsItWas(RotationState state) throws Exception {
        String text = RotationCodec.encode(state);

        assertThat(RotationCodec.decode(text)).isEqualTo(state);
        assertThat(RotationCodec.encode(RotationCodec.decode(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("states")
    void noLineIsMissedSilently(RotationState state) {
        List<String> lines = RotationCodec.encode(state).lines().toList();
        for (String missing : lines) {
            String rest =
                    String.join(
                            "\n", lines.stream().filter(line -> !line.equals(missing)).toList());
            try {
                assertThat(RotationCodec.decode(rest)).as(missing).isNotEqualTo(state);
            } catch (BadRotationText expected) {
                assertThat(expected).hasMessageContaining("(expected: ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "version=2",
                "version=1",
                "version=1\nversion=1",
                "=x",
                "version",
                "version=\\q",
                "version=\\"
            })
    void whatIsNoStateIsRefused(String text) {
        assertThatExceptionOfType(BadRotationText.class)
                .isThrownBy(() -> RotationCodec.decode(text))
                .withMessageContaining("(expected: ");
    }

    @Test
    void damagedValuesAreRefused() {
        String good = RotationCodec.encode(Roots.draining(PLAN));
        for (String damage :
                List.of(
                        "plan.dwell=PT1H;plan.dwell=1 h",
                        "rotation.back=false;rotation.back=no",
                        "since.epoch=6;since.epoch=six",
                        "longestLife=PT1H;longestLife=",
                        "state=Draining;state=Frozen",
                        "subject=ROOT;subject=JWT_KEY",
                        "exclusions.size=0;exclusions.size=-1",
                        "past.size=0;past.size=99999",
                        "plan.renewalsPerSecond=50;plan.renewalsPerSecond=0",
                        "signing.certificate=MII;signing.certificate=AAAA",
                        "change.to.certificate=MII;change.to.certificate=?")) {
            String[] fromTo = damage.split(";", -1);
            String from = fromTo[0].startsWith("plan.dwell") ? "plan.dwell=PT10M" : fromTo[0];
            assertThat(good).contains(from);
            assertThatExceptionOfType(BadRotationText.class)
                    .as(damage)
                    .isThrownBy(() -> RotationCodec.decode(good.replace(from, fromTo[1])));
        }
    }

    @Test
    void namesOfLaterVersionsAreIgnored() throws Exception {
        String text = RotationCodec.encode(Roots.active());

        assertThat(RotationCodec.decode(text + "later=x\n")).isEqualTo(Roots.active());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "namespace",
                "namespace=",
                "namespace=a b",
                "namespace=a,namespace=b",
                "label:=x",
                "tier=web",
                "label:tier=web,",
                "label:../x=y"
            })
    void aSelectorThatSaysNothingIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CanarySelector.parse(text))
                .withMessageContaining("(expected: namespace=NAME or label:NAME=VALUE");
    }

    @Test
    void allConditionsOfASelectorMustHold() {
        CanarySelector selector = CanarySelector.parse("namespace=shop,label:tier=web");

        assertThat(selector.matches("shop", Map.of("tier", "web", "x", "y"))).isTrue();
        assertThat(selector.matches("shop", Map.of())).isFalse();
        assertThat(selector.matches("other", Map.of("tier", "web"))).isFalse();
    }
}
