package dev.countersign.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/** What every module's {@code ArchitectureTest} holds: written once, so that it means one thing. */
public final class HouseRules {
    private static final String GENERATED = "dev.countersign.wire.v1..";
    private static final Set<String> WALL_CLOCKS =
            Set.of(Clock.class.getName(), InstantSource.class.getName());
    private static final Set<String> NOW =
            Set.of(
                    Instant.class.getName(),
                    LocalDate.class.getName(),
                    LocalDateTime.class.getName(),
                    OffsetDateTime.class.getName(),
                    ZonedDateTime.class.getName());

    private HouseRules() {}

    /** The classes of these packages, tests left out. */
    public static JavaClasses mainClasses(String... packages) {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(packages);
    }

    /** What {@code names} may do, everyone else may not; holds also while nobody does. */
    public static ArchRule onlyIn(
            String why, DescribedPredicate<? super JavaClass> what, String... names) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(names)
                .should()
                .dependOnClassesThat(what)
                .because(why)
                .allowEmptyShould(true);
    }

    /** Time is passed in, or no test could turn the clock; {@code wiring} makes the clock. */
    public static ArchRule timeIsPassedIn(String... wiring) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(wiring)
                .should()
                .callMethodWhere(
                        DescribedPredicate.describe(
                                "it asks the machine's clock", HouseRules::asksClock))
                .orShould()
                .callConstructor(Date.class)
                .because("time is passed in as an InstantSource, which only the wiring makes")
                .allowEmptyShould(true);
    }

    /** A package without its manual and without null checks is not finished. */
    public static ArchRule everyPackageHasItsManual() {
        return classes()
                .that()
                .resideOutsideOfPackage(GENERATED)
                .should(resideInANullMarkedPackage())
                .because(
                        "package-info.java is a package's manual, and @NullMarked turns its checks on")
                .allowEmptyShould(true);
    }

    /** {@code matching}: such as {@code dev.countersign.(**)}. */
    public static ArchRule packagesDependInOneDirection(String matching) {
        return slices().matching(matching)
                .should()
                .beFreeOfCycles()
                .because("packages that need each other are one package")
                .allowEmptyShould(true);
    }

    private static boolean asksClock(JavaAccess<?> call) {
        String owner = call.getTargetOwner().getName();
        String method = call.getTarget().getName();
        boolean wallClock = WALL_CLOCKS.contains(owner) && method.startsWith("system");
        boolean now = NOW.contains(owner) && method.equals("now");
        return wallClock
                || now
                || (owner.equals("java.lang.System") && method.equals("currentTimeMillis"));
    }

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a package whose package-info is @NullMarked") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                JavaPackage home = item.getPackage();
                boolean marked =
                        home.tryGetPackageInfo()
                                .filter(info -> info.isAnnotatedWith(NullMarked.class))
                                .isPresent();
                events.add(
                        new SimpleConditionEvent(
                                item, marked, home.getName() + " has no @NullMarked package-info"));
            }
        };
    }
}
