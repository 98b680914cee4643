package dev.countersign.agent.proxy;

import dev.countersign.agent.provider.CheckQuestion;
import dev.countersign.agent.provider.ExternalAuthorization;
import dev.countersign.agent.provider.HeaderField;
import dev.countersign.agent.provider.ProviderVerdict;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.ProviderAnswers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** What every provider that had to be asked about one request said of it. */
final class ProviderRound implements ProviderAnswers {
    /** In the order of names, which is Envoy's. */
    private final TreeMap<String, ProviderVerdict> verdicts = new TreeMap<>();

    private ProviderRound() {}

    /** Asks all of them at once; never fails. */
    static CompletableFuture<ProviderRound> ask(
            ExternalAuthorization external,
            List<ExternalAuthorizer> providers,
            CheckQuestion question) {
        Map<String, CompletableFuture<ProviderVerdict>> asked = new TreeMap<>();
        for (ExternalAuthorizer provider : providers) {
            asked.put(provider.name(), external.ask(provider, question));
        }
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(all -> {
                    ProviderRound round = new ProviderRound();
                    asked.forEach((name, answer) -> round.verdicts.put(name, answer.join()));
                    return round;
                });
    }

    /** Whether each of these has been asked. */
    boolean covers(List<ExternalAuthorizer> providers) {
        return providers.stream().allMatch(one -> verdicts.containsKey(one.name()));
    }

    @Override
    public Answer of(String provider) {
        ProviderVerdict verdict = verdicts.get(provider);
        return verdict == null ? Answer.UNAVAILABLE : verdict.answer();
    }

    /** The first that did not say yes. */
    Optional<ProviderVerdict> refusal() {
        return verdicts.values().stream().filter(one -> one.answer() != Answer.ALLOW).findFirst();
    }

    /** Headers that the application gets, in the order of providers. */
    List<HeaderField> upstream() {
        return verdicts.values().stream().flatMap(one -> one.upstream().stream()).toList();
    }

    /** Headers that the application does not get. */
    List<String> removed() {
        return verdicts.values().stream().flatMap(one -> one.remove().stream()).toList();
    }
}
