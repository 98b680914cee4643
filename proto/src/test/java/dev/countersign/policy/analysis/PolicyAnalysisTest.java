package dev.countersign.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.Finding.Code;
import dev.countersign.policy.parse.PolicyRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PolicyAnalysisTest {

    private static final String WEB = "{from: [{source: {serviceAccounts: [web]}}]}";
    private final Written written = new Written(Written.MESH);

    @Test
    void aSetWithoutAMistakeHasNoBadFinding() throws PolicyRefused {
        assertThat(codes(written.set("ALLOW shop/callers rules: [" + WEB + "]"))).isEmpty();
    }

    @Test
    void aRuleThatContradictsItselfMatchesNothing() throws PolicyRefused {
        PolicyAnalysis.Result result =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: ["
                                        + WEB
                                        + ", {from: [{source: {namespaces: [batch], principals:"
                                        + " [td/ns/shop/sa/job]}}]}]"));

        assertThat(bad(result))
                .containsExactly(
                        "RULE_MATCHES_NOTHING ALLOW shop/a rule 1 matches no request that can"
                                + " occur");
    }

    @Test
    void aPathThatNormalisationNeverLeavesIsNoDoor() throws PolicyRefused {
        assertThat(
                        codes(
                                written.set(
                                        "ALLOW shop/a rules: ["
                                                + WEB
                                                + ", {to: [{operation: {paths: ['/a//b']}}]}]")))
                .containsExactly(Code.RULE_MATCHES_NOTHING);
    }

    @Test
    void aRuleThatAnotherCoversIsNamedOnceWithTheOther() throws PolicyRefused {
        PolicyAnalysis.Result result =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: [{from: [{source: {namespaces: [shop]}}]}]",
                                "ALLOW shop/b rules: ["
                                        + WEB
                                        + ", {from: [{source: {serviceAccounts: [job]}}]}]",
                                "ALLOW shop/c rules: [{from: [{source: {namespaces:"
                                        + " [batch]}}]}]"));

        assertThat(bad(result))
                .containsExactly(
                        "RULE_SHADOWED ALLOW shop/b rule 0 never decides: all it matches is"
                                + " matched by shop/a rule 0",
                        "RULE_SHADOWED ALLOW shop/b rule 1 never decides: all it matches is"
                                + " matched by shop/a rule 0",
                        "ALLOW_WITHOUT_EFFECT ALLOW shop/b can be taken away and nothing changes");
    }

    @Test
    void aRuleThatSeveralOthersCoverTogetherIsShadowed() throws PolicyRefused {
        PolicyAnalysis.Result result =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: [{from: [{source: {serviceAccounts: [web]}}],"
                                        + " to: [{operation: {methods: [GET]}}]}, {from: [{source:"
                                        + " {serviceAccounts: [web]}}], to: [{operation: {methods:"
                                        + " [POST]}}]}, {from: [{source: {serviceAccounts: [web]}}],"
                                        + " to: [{operation: {methods: [GET, POST], paths:"
                                        + " [/x]}}]}]"));

        assertThat(bad(result))
                .containsExactly(
                        "RULE_SHADOWED ALLOW shop/a rule 2 never decides: all it matches is"
                                + " matched by shop/a rule 0, shop/a rule 1");
    }

    @Test
    void ofTwoEqualRulesTheLaterOneIsNamed() throws PolicyRefused {
        assertThat(bad(analyze(written.set("DENY shop/a rules: [" + WEB + ", " + WEB + "]"))))
                .containsExactly(
                        "RULE_SHADOWED DENY shop/a rule 1 never decides: all it matches is matched"
                                + " by shop/a rule 0");
    }

    @Test
    void anAllowThatDenyLeavesNothingOfIsNamedWithTheDeny() throws PolicyRefused {
        PolicyAnalysis.Result result =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: [" + WEB + "]",
                                "DENY shop/d rules: [{from: [{source: {namespaces: [shop]}}]}]"));

        assertThat(bad(result))
                .contains(
                        "ALLOW_DENIED ALLOW shop/a rule 0 never allows: all it matches is denied by"
                                + " shop/d rule 0");
    }

    @Test
    void whereAllowAndDenyMeetThereIsARequestThatShowsIt() throws PolicyRefused {
        PolicyAnalysis.Result result =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: [" + WEB + "]",
                                "DENY shop/d rules: [{to: [{operation: {paths: ['/admin*'], ports:"
                                        + " ['8080']}}]}]"));

        Finding meeting = only(result, Code.ALLOW_MEETS_DENY);
        assertThat(meeting.detail()).isEqualTo("is cut by DENY shop/d rule 0");
        assertThat(meeting.witness()).isNotNull();
        assertThat(meeting.witness().request().path()).startsWith("/admin");
        assertThat(result.bad()).isZero();
    }

    @Test
    void doorsThatStandOpenAreNamedWithAStrangerInThem() throws PolicyRefused {
        PolicyAnalysis.Result plaintext = analyze(written.set("ALLOW shop/a rules: [{}]"));
        PolicyAnalysis.Result anybody =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: [{from: [{source: {principals: ['*']}}], to:"
                                        + " [{operation: {paths: [/health]}}]}]"));
        PolicyAnalysis.Result mesh =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: [{from: [{source: {namespaces: ['*']}}]}]"));

        assertThat(only(plaintext, Code.OPEN_TO_PLAINTEXT).witness()).isNotNull();
        Finding stranger = only(anybody, Code.OPEN_TO_ANY_IDENTITY);
        assertThat(stranger.witness()).isNotNull();
        assertThat(stranger.witness().request().path()).isEqualTo("/health");
        assertThat(mesh.findings())
                .extracting(Finding::code)
                .containsExactly(Code.OPEN_TO_WHOLE_MESH);
    }

    @Test
    void whatIsOpenOnlyInPiecesIsOpenAllTheSame() throws PolicyRefused {
        PolicyAnalysis.Result result =
                analyze(
                        written.set(
                                "ALLOW shop/a rules: [{from: [{source: {trustDomains: [td]}}]},"
                                        + " {from: [{source: {principals: ['*'], notTrustDomains:"
                                        + " [td]}}]}]"));

        assertThat(result.findings())
                .extracting(Finding::code)
                .containsExactly(Code.OPEN_TO_ANY_IDENTITY);
    }

    @Test
    void aWorkloadThatNoPolicyKnowsIsOpenWhereTheMeshAllowsByDefault() throws PolicyRefused {
        Written istio = new Written(MeshSettings.istio("istio-system", "td"));

        assertThat(codes(istio.set())).containsExactly(Code.OPEN_BY_DEFAULT);
        assertThat(codes(written.set())).containsExactly(Code.CLOSED_BY_DEFAULT);
    }

    @Test
    void aPolicyWithoutAWorkloadIsNamed() throws PolicyRefused {
        PolicyAnalysis.Result result =
                analyze(
                        written.set(
                                "ALLOW shop/callers rules: [" + WEB + "]",
                                "DENY shop/typo selector: {matchLabels: {app: ordres}}, rules:"
                                        + " [{}]"));

        assertThat(bad(result))
                .containsExactly(
                        "SELECTS_NOTHING DENY shop/typo applies to no workload: none has the labels"
                                + " {app=ordres}");
    }

    @Test
    void anAllowNothingThatOthersWidenIsSaid() throws PolicyRefused {
        assertThat(
                        codes(
                                written.set(
                                        "ALLOW countersign-system/baseline rules: []",
                                        "ALLOW shop/callers rules: [" + WEB + "]")))
                .containsExactly(Code.ALLOW_NOTHING_WIDENED);
    }

    @Test
    void aRuleCountsAsShadowedOnlyWhereItIsSoEverywhere() throws PolicyRefused {
        SymbolicPolicies set =
                written.set(
                        "ALLOW countersign-system/web rules: [" + WEB_OF_SHOP + "]",
                        "ALLOW shop/all rules: [{from: [{source: {namespaces: [shop]}}]}]");

        PolicyAnalysis.Result here = analyze(set);
        PolicyAnalysis.Result everywhere =
                new PolicyAnalysis(
                                set,
                                List.of(
                                        Written.workload("shop", "orders"),
                                        Written.workload("other", "orders")),
                                true)
                        .run(done -> {});

        assertThat(here.bad()).isPositive();
        assertThat(everywhere.bad()).isZero();
    }

    @Test
    void destinationsAreGroupedAndProgressCountsThemAll() throws PolicyRefused {
        List<Destination> many = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            many.add(Written.workload("shop", "w" + i));
        }
        int[] done = new int[1];

        PolicyAnalysis.Result result =
                new PolicyAnalysis(
                                written.set("ALLOW shop/callers rules: [" + WEB + "]"), many, true)
                        .run(count -> done[0] += count);

        assertThat(result.classes()).isEqualTo(1);
        assertThat(done[0]).isEqualTo(50);
    }

    private static final String WEB_OF_SHOP = "{from: [{source: {serviceAccounts: [shop/web]}}]}";

    private static PolicyAnalysis.Result analyze(SymbolicPolicies set) {
        PolicyAnalysis.Result result =
                new PolicyAnalysis(set, List.of(Written.workload("shop", "orders")), true)
                        .run(done -> {});
        assertThat(result.unknowns()).isEmpty();
        return result;
    }

    private static List<Code> codes(SymbolicPolicies set) {
        return analyze(set).findings().stream().map(Finding::code).toList();
    }

    private static List<String> bad(PolicyAnalysis.Result result) {
        return result.findings().stream()
                .filter(one -> one.code().bad())
                .map(one -> one.code() + " " + one.subject() + " " + one.detail())
                .toList();
    }

    private static Finding only(PolicyAnalysis.Result result, Code code) {
        List<Finding> found = result.findings().stream().filter(one -> one.code() == code).toList();
        assertThat(found).hasSize(1);
        return Objects.requireNonNull(found.getFirst());
    }
}
