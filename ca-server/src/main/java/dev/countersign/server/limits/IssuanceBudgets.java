package dev.countersign.server.limits;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.limits.Verdict.Limit;
import java.util.function.LongSupplier;

/**
 * How many certificates an identity, and a namespace, may ask for. Asked only once it is proven who
 * asks: that is why it takes an account that an attested workload has, and never a claimed one.
 */
public final class IssuanceBudgets {
    private final Meters<ServiceAccountName> identities;
    private final Meters<String> namespaces;

    /** @param nanoClock {@code System::nanoTime} */
    public IssuanceBudgets(Settings settings, LongSupplier nanoClock) {
        this.identities = new Meters<>(settings.identity(), settings.maxIdentities(), nanoClock);
        this.namespaces = new Meters<>(settings.namespace(), settings.maxNamespaces(), nanoClock);
    }

    /** Charges one certificate, to both or to neither. */
    public Verdict charge(ServiceAccountName account) {
        long wait = identities.take(account);
        if (wait > 0) {
            return Verdict.of(Limit.BUDGET_IDENTITY, wait);
        }
        wait = namespaces.take(account.namespace());
        if (wait > 0) {
            identities.giveBack(account);
        }
        return Verdict.of(Limit.BUDGET_NAMESPACE, wait);
    }

    /**
     * The budgets.
     *
     * @param identity certificates of one service account, all its pods together
     * @param namespace certificates of one namespace
     * @param maxIdentities how many identities are told apart
     * @param maxNamespaces how many namespaces are told apart
     */
    public record Settings(Rate identity, Rate namespace, int maxIdentities, int maxNamespaces) {
        /** A deployment of two thousand pods may restart at once. */
        public static final Settings DEFAULT =
                new Settings(Rate.of(50, 2_000), Rate.of(200, 10_000), 100_000, 10_000);

        public Settings {
            if (maxIdentities < 1 || maxNamespaces < 1) {
                throw new IllegalArgumentException(
                        "maxIdentities, maxNamespaces: "
                                + maxIdentities
                                + ", "
                                + maxNamespaces
                                + " (expected: >= 1)");
            }
        }
    }
}
