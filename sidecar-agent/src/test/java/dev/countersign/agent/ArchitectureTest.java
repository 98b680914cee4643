package dev.countersign.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.countersign.testing.HouseRules.onlyIn;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import dev.countersign.testing.HouseRules;
import java.security.PrivateKey;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Wiring → edges (proxy, cli) → decisions (authorization, subscription, svid) → what was agreed. */
final class ArchitectureTest {
    private static final String AGENT = "dev.countersign.agent";

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = HouseRules.mainClasses(AGENT);
    }

    @Test
    void theAgentStartsWithoutBouncyCastleAndDatabases() {
        noClasses()
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "org.bouncycastle..",
                                "java.sql..",
                                "dev.cel..",
                                "dev.countersign.server.."))
                .check(classes);
    }

    @Test
    void nettyStaysInTheProxyAndTowardsTheServer() {
        onlyIn(
                        "decisions know no transport",
                        resideInAnyPackage("io.netty..", "io.grpc.netty.."),
                        packages("proxy", "ca", ""))
                .check(classes);
    }

    @Test
    void generatedMessagesStayTowardsTheServer() {
        onlyIn(
                        "the model is ours, messages belong to the edges",
                        resideInAPackage("dev.countersign.wire.v1.."),
                        packages("ca", "subscription", "provider"))
                .check(classes);
    }

    @Test
    void privateKeysStayWhereTheyAreUsed() {
        onlyIn(
                        "who can reach a private key can be read off this list",
                        type(PrivateKey.class),
                        packages("svid", "proxy.tls", "ca", ""))
                .check(classes);
    }

    @Test
    void decisionsDoNotKnowWhoAsks() {
        knowNot(
                        packages("authorization", "subscription", "svid"),
                        "proxy",
                        "cli",
                        "envoy",
                        "workloadapi")
                .check(classes);
    }

    @Test
    void nobodyNamesTheWiring() {
        noClasses()
                .that()
                .resideInAPackage(AGENT + ".(**)")
                .should()
                .dependOnClassesThat(resideInAPackage(AGENT))
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void timeIsPassedIn() {
        HouseRules.timeIsPassedIn(packages("cli", "")).check(classes);
    }

    @Test
    void everyPackageHasItsManual() {
        HouseRules.everyPackageHasItsManual().check(classes);
    }

    @Test
    void packagesDependInOneDirection() {
        HouseRules.packagesDependInOneDirection(AGENT + ".(**)").check(classes);
    }

    private static ArchRule knowNot(String[] who, String... whom) {
        DescribedPredicate<JavaClass> there = resideInAnyPackage(packages(whom));
        return noClasses()
                .that()
                .resideInAnyPackage(who)
                .should()
                .dependOnClassesThat(there)
                .allowEmptyShould(true);
    }

    /** Each with what is below it; the empty name is the wiring alone. */
    private static String[] packages(String... names) {
        String[] packages = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            packages[i] = names[i].isEmpty() ? AGENT : AGENT + "." + names[i] + "..";
        }
        return packages;
    }
}
