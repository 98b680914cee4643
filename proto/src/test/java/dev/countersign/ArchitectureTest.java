package dev.countersign;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.countersign.testing.HouseRules.onlyIn;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import dev.countersign.testing.HouseRules;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** identity ← trust ← policy ← feed ← wire; runtime knows none of them. */
final class ArchitectureTest {
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = HouseRules.mainClasses("dev.countersign");
    }

    @Test
    void identitiesKnowNothingButTheJdk() {
        noClasses()
                .that()
                .resideInAPackage("dev.countersign.identity..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("dev.countersign.identity..", "java..", "org.jspecify..")
                .check(classes);
    }

    @Test
    void trustKnowsOnlyIdentities() {
        knowsNot("trust", "policy", "feed", "wire", "runtime").check(classes);
    }

    @Test
    void policyIsPureAndKnowsNoTransport() {
        knowsNot("policy", "feed", "wire", "runtime").check(classes);
        knowsNot("policy", resideInAnyPackage("io..", "java.net.http..", "java.nio.channels.."))
                .check(classes);
    }

    @Test
    void theFeedKnowsNoTransport() {
        knowsNot("feed", "wire", "runtime").check(classes);
    }

    @Test
    void howProcessesRunKnowsNothingOfWhatTheyDo() {
        knowsNot("runtime", "identity", "trust", "policy", "feed", "wire").check(classes);
    }

    @Test
    void onlyTheCodecsSeeGeneratedMessages() {
        onlyIn(
                        "wire holds the only hand-written code that sees messages and model together",
                        resideInAPackage("dev.countersign.wire.v1.."),
                        "dev.countersign.wire..")
                .check(classes);
        onlyIn(
                        "checked expressions travel as messages of the CEL library",
                        resideInAPackage("com.google.protobuf.."),
                        "dev.countersign.wire..",
                        "dev.countersign.policy.expression")
                .check(classes);
    }

    @Test
    void onlyExpressionsKnowTheCelLibrary() {
        onlyIn(
                        "agents without expressions never load it",
                        resideInAnyPackage("dev.cel..", "com.google.re2j.."),
                        "dev.countersign.policy.expression")
                .check(classes);
    }

    @Test
    void onlyTokensAreCheckedByNimbus() {
        onlyIn(
                        "agents without rules about tokens never load it",
                        resideInAPackage("com.nimbusds.."),
                        "dev.countersign.jwt")
                .check(classes);
        knowsNot("jwt", "feed", "wire", "runtime").check(classes);
    }

    @Test
    void nothingBothProcessesShareNeedsBouncyCastle() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("org.bouncycastle.."))
                .check(classes);
    }

    @Test
    void timeIsPassedIn() {
        HouseRules.timeIsPassedIn().check(classes);
    }

    @Test
    void everyPackageHasItsManual() {
        HouseRules.everyPackageHasItsManual().check(classes);
    }

    @Test
    void packagesDependInOneDirection() {
        HouseRules.packagesDependInOneDirection("dev.countersign.(**)").check(classes);
    }

    private static ArchRule knowsNot(String who, String... whom) {
        String[] packages = new String[whom.length];
        for (int i = 0; i < whom.length; i++) {
            packages[i] = "dev.countersign." + whom[i] + "..";
        }
        return knowsNot(who, resideInAnyPackage(packages));
    }

    private static ArchRule knowsNot(String who, DescribedPredicate<? super JavaClass> whom) {
        return noClasses()
                .that()
                .resideInAPackage("dev.countersign." + who + "..")
                .should()
                .dependOnClassesThat(whom)
                .allowEmptyShould(true);
    }
}
