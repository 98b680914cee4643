package dev.countersign.server.kubernetes.pods;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.kubernetes.IndexedStore;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The UIDs of service accounts, as the informer's cache: an account made anew is another one. */
final class AccountStore extends IndexedStore<ServiceAccount> {
    private final PodIndex index;

    AccountStore(PodIndex index) {
        this.index = index;
    }

    @Override
    public String getKey(ServiceAccount account) {
        return account.getMetadata().getNamespace() + "/" + account.getMetadata().getName();
    }

    @Override
    public @Nullable ServiceAccount put(String key, ServiceAccount account) {
        ServiceAccount before = get(key);
        index.putAccount(ServiceAccountName.parse(key), account.getMetadata().getUid());
        return before;
    }

    @Override
    public @Nullable ServiceAccount remove(String key) {
        ServiceAccount before = get(key);
        index.removeAccount(ServiceAccountName.parse(key));
        return before;
    }

    @Override
    public Stream<String> keySet() {
        return index.accounts().keySet().stream().map(ServiceAccountName::toString);
    }

    @Override
    public int size() {
        return index.accounts().size();
    }

    @Override
    public @Nullable ServiceAccount get(String key) {
        ServiceAccountName name = ServiceAccountName.parse(key);
        @Nullable String uid = index.accounts().get(name);
        return uid == null ? null : stub(Map.entry(name, uid));
    }

    private static ServiceAccount stub(Map.Entry<ServiceAccountName, String> account) {
        return new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(account.getKey().namespace())
                .withName(account.getKey().name())
                .withUid(account.getValue())
                .endMetadata()
                .build();
    }
}
