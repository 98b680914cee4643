package dev.countersign.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.countersign.testing.HouseRules.onlyIn;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import dev.countersign.server.x509.KeyAndRequest;
import dev.countersign.testing.HouseRules;
import java.security.PrivateKey;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Wiring → edges in → decisions → domain → crypto; edges out implement ports and are named by
 * wiring.
 */
final class ArchitectureTest {
    private static final String SERVER = "dev.countersign.server";
    private static final String[] EDGES_IN = packages("rpc", "admission", "cli", "bundleendpoint");
    private static final String[] DECISIONS = packages("issuance", "distribution", "servingcert");
    private static final String[] DOMAIN =
            packages("authority", "attestation", "audit", "revocation");

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = HouseRules.mainClasses(SERVER);
    }

    @Test
    void bouncyCastleStaysInX509() {
        onlyIn(
                        "one package reads and makes ASN.1",
                        resideInAPackage("org.bouncycastle.."),
                        packages("x509"))
                .check(classes);
    }

    @Test
    void sqlStaysInStore() {
        onlyIn(
                        "one package talks to databases",
                        resideInAnyPackage(
                                "java.sql..", "javax.sql..", "com.zaxxer..", "org.flywaydb.."),
                        packages("store"))
                .check(classes);
    }

    @Test
    void theKubernetesClientStaysInKubernetes() {
        onlyIn(
                        "one package talks to the API server",
                        resideInAnyPackage("io.fabric8.kubernetes.client.."),
                        packages("kubernetes"))
                .check(classes);
    }

    @Test
    void nettyStaysWhereServersAndChannelsAreBuilt() {
        onlyIn(
                        "transport is an edge",
                        resideInAnyPackage("io.netty..", "io.grpc.netty.."),
                        packages("rpc", "cli", ""))
                .check(classes);
    }

    @Test
    void generatedMessagesStayAtTheEdges() {
        onlyIn(
                        "the model is ours, messages belong to the edges",
                        resideInAPackage("dev.countersign.wire.v1.."),
                        packages("rpc", "cli", ""))
                .check(classes);
    }

    @Test
    void privateKeysStayWhereTheyAreUsed() {
        // KeyAndRequest makes the key of who asks from the command line, beside the request's
        // ASN.1.
        onlyIn(
                        "who can reach a private key can be read off this list",
                        type(PrivateKey.class),
                        packages(
                                "keys",
                                "servingcert",
                                "attestation.localissuer",
                                "bundleendpoint",
                                "rpc",
                                "cli",
                                ""))
                .check(classes.that(not(type(KeyAndRequest.class))));
    }

    @Test
    void decisionsDoNotKnowWhoAsks() {
        knowNot(DECISIONS, resideInAnyPackage(EDGES_IN)).check(classes);
    }

    @Test
    void theDomainDoesNotKnowWhoDecides() {
        knowNot(DOMAIN, resideInAnyPackage(EDGES_IN).or(resideInAnyPackage(DECISIONS)))
                .check(classes);
    }

    @Test
    void cryptographyKnowsNeitherDomainNorDecisions() {
        knowNot(
                        packages("x509", "keys", "lint"),
                        resideInAnyPackage(EDGES_IN)
                                .or(resideInAnyPackage(DECISIONS))
                                .or(resideInAnyPackage(DOMAIN)))
                .check(classes);
    }

    @Test
    void onlyTheWiringNamesDatabasesKeyStoresAndKubernetes() {
        String[] out =
                packages("store", "kubernetes", "keys.memory", "keys.encryptedfile", "keys.pkcs11");
        noClasses()
                .that(not(resideInAnyPackage(out)).and(not(resideInAPackage(SERVER))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(out))
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void nobodyNamesTheWiring() {
        noClasses()
                .that()
                .resideInAPackage(SERVER + ".(**)")
                .should()
                .dependOnClassesThat(resideInAPackage(SERVER))
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
        HouseRules.packagesDependInOneDirection(SERVER + ".(**)").check(classes);
    }

    private static ArchRule knowNot(String[] who, DescribedPredicate<? super JavaClass> whom) {
        return noClasses()
                .that()
                .resideInAnyPackage(who)
                .should()
                .dependOnClassesThat(whom)
                .allowEmptyShould(true);
    }

    /** Each with what is below it; the empty name is the wiring alone. */
    private static String[] packages(String... names) {
        String[] packages = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            packages[i] = names[i].isEmpty() ? SERVER : SERVER + "." + names[i] + "..";
        }
        return packages;
    }
}
