package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.TrustDomains;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.policy.match.IpBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The requests that satisfy one field of a policy, positive or negative. */
final class FieldRegions {

    private static final String SCHEME = "spiffe://";

    private final AuthorizationPolicy policy;
    private final Reading reading;
    private final TrustDomains trustDomains;
    private final Space space;
    private final WrittenTexts texts;
    private final Vocabulary vocabulary;
    private final FactRegions facts;

    FieldRegions(
            AuthorizationPolicy policy, MeshSettings mesh, Space space, Vocabulary vocabulary) {
        this.policy = policy;
        this.reading = Reading.of(policy, mesh);
        this.trustDomains = new TrustDomains(mesh);
        this.space = space;
        this.texts = new WrittenTexts(space.automata());
        this.vocabulary = vocabulary;
        this.facts = new FactRegions(reading);
    }

    Region principals(List<String> values, boolean negative) throws Unusable {
        return identity(values, negative, null, this::principal, value -> "identity " + value);
    }

    Region namespaces(List<String> values, boolean negative) throws Unusable {
        List<String> own = trustDomains.own();
        return identity(
                values,
                negative,
                reading.strict() ? texts.accountsIn(own) : null,
                value ->
                        reading.strict()
                                ? texts.namespaceIn(own, value)
                                : texts.namespaceAnywhere(value),
                value -> "any in " + value);
    }

    Region serviceAccounts(List<String> values, boolean negative) throws Unusable {
        return identity(
                values,
                negative,
                reading.strict() ? texts.accountsIn(trustDomains.own()) : null,
                this::serviceAccount,
                this::qualified);
    }

    Region trustDomains(List<String> values, boolean negative) throws Unusable {
        return identity(
                values,
                negative,
                null,
                this::trustDomain,
                value -> value.equals("*") ? "any identity" : "any of trust domain " + value);
    }

    Region addresses(Dimension dimension, List<String> values, boolean negative) throws Unusable {
        List<IpBlock> blocks = new ArrayList<>();
        for (String value : values) {
            IpBlock block = IpBlock.parse(value);
            if (block == null) {
                throw new Unusable(value);
            }
            blocks.add(block);
        }
        Ranges any = Ranges.blocks(blocks);
        if (!negative) {
            return Region.of(dimension, any);
        }
        Ranges others = any.complement();
        return Region.of(
                dimension,
                reading.absentPasses()
                        ? others
                        : new Ranges(others.universe(), false, others.present()));
    }

    Region ports(List<String> values, boolean negative) throws Unusable {
        List<Integer> ports = new ArrayList<>();
        for (String value : values) {
            ports.add(port(value));
        }
        Ranges any = Ranges.ports(ports);
        return Region.of(Plain.PORT, negative ? any.complement() : any);
    }

    Region hosts(List<String> values, boolean negative) throws Unusable {
        return text(Plain.HOST, values, negative, texts::host);
    }

    Region methods(List<String> values, boolean negative) throws Unusable {
        return text(Plain.METHOD, values, negative, texts::text);
    }

    Region paths(List<String> values, boolean negative) throws Unusable {
        return text(Plain.PATH, values, negative, texts::path);
    }

    Region requestPrincipals(List<String> values, boolean negative) {
        return facts.requestPrincipals(values, negative);
    }

    Region expression(String source) {
        return facts.expression(source, policy.action() == Action.ALLOW);
    }

    Region condition(ConditionKey key, List<String> values, boolean negative) throws Unusable {
        return switch (key) {
            case ConditionKey.Plain plain -> condition(plain, values, negative);
            case ConditionKey.Header header ->
                    text(header(header.name()), values, negative, texts::text);
            case ConditionKey.TokenClaim claim -> facts.claim(claim.path(), values, negative);
            case ConditionKey.FilterMetadata note ->
                    facts.note(note.filter() + "[" + note.key() + "]", values, negative);
        };
    }

    private Region condition(ConditionKey.Plain key, List<String> values, boolean negative)
            throws Unusable {
        return switch (key) {
            case SOURCE_IP -> addresses(Plain.SOURCE_IP, values, negative);
            case REMOTE_IP -> addresses(Plain.REMOTE_IP, values, negative);
            case DESTINATION_IP -> addresses(Plain.DESTINATION_IP, values, negative);
            case DESTINATION_PORT -> ports(values, negative);
            case SOURCE_NAMESPACE -> namespaces(values, negative);
            case SOURCE_SERVICE_ACCOUNT -> serviceAccounts(values, negative);
            case SOURCE_PRINCIPAL -> principals(values, negative);
            case SOURCE_TRUST_DOMAIN -> trustDomains(values, negative);
            case REQUEST_PRINCIPAL -> facts.requestPrincipals(values, negative);
            case REQUEST_AUDIENCES -> facts.claim(List.of("aud"), values, negative);
            case REQUEST_PRESENTER -> facts.claim(List.of("azp"), values, negative);
            case CONNECTION_SNI -> text(Plain.SNI, values, negative, texts::text);
        };
    }

    /** Some header names are other words for what every request has. */
    private static Dimension header(String name) {
        return switch (name) {
            case ":authority", "host" -> Plain.HOST;
            case ":method" -> Plain.METHOD;
            case ":path" -> Plain.PATH;
            default -> new Dimension.Header(name);
        };
    }

    private Region text(
            Dimension dimension, List<String> values, boolean negative, ToLanguage toLanguage)
            throws Unusable {
        Language any = space.automata().nothing();
        for (String value : values) {
            Language one = language(value, toLanguage);
            vocabulary.add(dimension, value, one);
            any = any.or(one);
        }
        return texts(dimension, any, null, negative);
    }

    private Region identity(
            List<String> values,
            boolean negative,
            @Nullable Language scope,
            ToLanguage toLanguage,
            Function<String, String> label)
            throws Unusable {
        Language any = space.automata().nothing();
        for (String value : values) {
            Language one = language(value, toLanguage);
            vocabulary.add(Plain.IDENTITY, label.apply(value), one);
            any = any.or(one);
        }
        return texts(Plain.IDENTITY, any, scope, negative);
    }

    /** What lies outside the scope counts as absent. */
    private Region texts(
            Dimension dimension, Language any, @Nullable Language scope, boolean negative) {
        Language wanted = scope == null ? any : any.and(scope);
        if (!negative) {
            return Region.of(dimension, new Texts(false, wanted));
        }
        if (reading.absentPasses()) {
            return Region.of(dimension, new Texts(true, wanted.complement()));
        }
        Language all = scope == null ? space.automata().everything() : scope;
        return Region.of(dimension, new Texts(false, all.minus(wanted)));
    }

    private Language principal(String value) {
        boolean schemed = reading.acceptsScheme() && value.startsWith(SCHEME);
        Language any = space.automata().nothing();
        for (String one :
                trustDomains.expandPrincipal(schemed ? value.substring(SCHEME.length()) : value)) {
            any = any.or(texts.principal(one));
        }
        return any;
    }

    private Language serviceAccount(String value) throws Unusable {
        int slash = value.indexOf('/');
        String namespace = slash < 0 ? policy.namespace() : value.substring(0, slash);
        String account = value.substring(slash + 1);
        if (namespace.isEmpty() || account.isEmpty() || account.indexOf('/') >= 0) {
            throw new Unusable(value);
        }
        return reading.strict()
                ? texts.accountIn(trustDomains.own(), namespace, account)
                : texts.accountAnywhere(namespace, account);
    }

    private String qualified(String account) {
        return account.indexOf('/') < 0 ? policy.namespace() + "/" + account : account;
    }

    private Language trustDomain(String value) throws Unusable {
        if (value.indexOf('/') >= 0 || value.indexOf('*') != value.lastIndexOf('*')) {
            throw new Unusable(value);
        }
        Language any = space.automata().nothing();
        for (String one : trustDomains.expandTrustDomain(value)) {
            any = any.or(texts.trustDomain(one));
        }
        return any;
    }

    private static int port(String value) throws Unusable {
        boolean digits =
                !value.isEmpty()
                        && value.length() <= 5
                        && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || Integer.parseInt(value) > 65535) {
            throw new Unusable(value);
        }
        return Integer.parseInt(value);
    }

    private static Language language(String value, ToLanguage toLanguage) throws Unusable {
        try {
            return toLanguage.of(value);
        } catch (IllegalArgumentException e) {
            throw new Unusable(value);
        }
    }

    /** The texts that a written value stands for. */
    @FunctionalInterface
    private interface ToLanguage {
        Language of(String value) throws Unusable;
    }
}
