package dev.countersign.runtime;

import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One YAML file with environment overrides, read value by value into a record.
 *
 * <pre>{@code
 * ConfigReader reader = ConfigReader.load(file, System.getenv());
 * Duration life = reader.duration("issuance.life").check(…, "5m..24h").orDefault(ofHours(1));
 * reader.finish();
 * }</pre>
 *
 * <p>{@code store.url} is overridden by {@code COUNTERSIGN_STORE_URL}, {@code admin.socketPath} by
 * {@code COUNTERSIGN_ADMIN_SOCKET_PATH}; values inside lists are not. Relative paths are relative to
 * the file. A key that nobody asked for is a problem. Not thread-safe.
 */
public final class ConfigReader {
    /** 1 MiB. */
    public static final int MAX_BYTES = 1024 * 1024;

    private static final int SHOWN = 120;

    private final String file;
    private final Path base;
    private final String prefix;
    private final Map<String, Object> tree;
    private final Overrides overrides;
    private final List<ConfigProblem> problems;
    private final Set<String> asked;
    private final Map<String, String> effective;

    private ConfigReader(
            String file,
            Path base,
            String prefix,
            Map<String, Object> tree,
            Overrides overrides,
            List<ConfigProblem> problems,
            Set<String> asked,
            Map<String, String> effective) {
        this.file = file;
        this.base = base;
        this.prefix = prefix;
        this.tree = tree;
        this.overrides = overrides;
        this.problems = problems;
        this.asked = asked;
        this.effective = effective;
    }

    /**
     * Reads the file.
     *
     * @throws ConfigRefused when it cannot be read or is not strict YAML in UTF-8
     */
    public static ConfigReader load(Path file, Map<String, String> environment)
            throws ConfigRefused {
        Path absolute = file.toAbsolutePath();
        Path base = absolute.getParent() == null ? absolute : absolute.getParent();
        return of(file.toString(), base, ConfigFile.read(file), environment);
    }

    /** No file: defaults and environment only; relative paths are relative to {@code base}. */
    public static ConfigReader empty(Path base, Map<String, String> environment) {
        return of("defaults", base.toAbsolutePath(), Map.of(), environment);
    }

    public Setting<String> string(String key) {
        return setting(key, "", "text", Optional::of);
    }

    public Setting<Boolean> bool(String key) {
        return setting(key, false, "true or false", Scalars::bool);
    }

    /** A whole number in these bounds, both included. */
    public Setting<Long> integer(String key, long min, long max) {
        return setting(
                key,
                min,
                "a whole number, " + min + ".." + max,
                text -> Scalars.integer(text, min, max));
    }

    /** A duration in these bounds, both included. */
    public Setting<Duration> duration(String key, Duration min, Duration max) {
        return setting(
                key,
                min,
                Durations.text(min) + ".." + Durations.text(max),
                text ->
                        Durations.parse(text)
                                .filter(d -> d.compareTo(min) >= 0 && d.compareTo(max) <= 0));
    }

    /** A path; relative ones are relative to the configuration file. */
    public Setting<Path> path(String key) {
        return setting(key, base, "a path", this::resolve);
    }

    /** {@code host:port}, port 0 to 65535; IPv6 in brackets. Not resolved by name service. */
    public Setting<InetSocketAddress> hostPort(String key) {
        return setting(
                key,
                InetSocketAddress.createUnresolved("localhost", 0),
                "host:port",
                Scalars::hostPort);
    }

    /** One of an enum's constants, in any case, dashes for underscores. */
    public <E extends Enum<E>> Setting<E> enumeration(String key, Class<E> type) {
        E[] constants = type.getEnumConstants();
        return setting(
                key,
                constants[0],
                Scalars.names(constants),
                text -> Scalars.constant(text, constants));
    }

    /** A value of a type of the caller's; {@code parse} throws IllegalArgumentException. */
    public <T> Setting<T> value(
            String key, T placeholder, String expectation, Function<String, T> parse) {
        return setting(
                key,
                placeholder,
                expectation,
                text -> {
                    try {
                        return Optional.of(parse.apply(text));
                    } catch (IllegalArgumentException wrong) {
                        return Optional.empty();
                    }
                });
    }

    /** Scalars of a list; in the environment separated by commas. */
    public List<String> strings(String key) {
        List<String> strings = overrides.listOf(key).orElseGet(() -> scalars(key));
        asked.add(prefix + key);
        if (!strings.isEmpty()) {
            effective(prefix + key, String.join(", ", strings));
        }
        return strings;
    }

    private List<String> scalars(String key) {
        List<String> strings = new ArrayList<>();
        for (Object element : elements(key)) {
            if (element instanceof String text) {
                strings.add(text);
            } else {
                problem(prefix + key, "not text", "a list of texts");
            }
        }
        return List.copyOf(strings);
    }

    /** Names and texts of a mapping. */
    public Map<String, String> map(String key) {
        Map<String, String> texts = new TreeMap<>();
        asked.add(prefix + key);
        Object node = find(key).orElse(Map.of());
        if (!(node instanceof Map<?, ?> map)) {
            problem(prefix + key, "not a mapping", "name: text");
            return Map.of();
        }
        map.forEach((name, value) -> {
            if (value instanceof String text) {
                texts.put(String.valueOf(name), text);
                effective(prefix + key + "." + name, text);
            } else {
                problem(prefix + key + "." + name, "not a single value", "name: text");
            }
        });
        return Map.copyOf(texts);
    }

    /** Mappings of a list, each read by {@code read} with a reader of its own. */
    public <T> List<T> list(String key, Function<ConfigReader, T> read) {
        List<T> list = new ArrayList<>();
        int index = 0;
        for (Object element : elements(key)) {
            String path = prefix + key + "[" + index + "]";
            if (element instanceof Map<?, ?> map) {
                Map<String, Object> names = new TreeMap<>();
                map.forEach((name, value) -> names.put(String.valueOf(name), value));
                list.add(
                        read.apply(
                                new ConfigReader(
                                        file,
                                        base,
                                        path + ".",
                                        names,
                                        Overrides.NONE,
                                        problems,
                                        asked,
                                        effective)));
            } else {
                problem(path, "not a mapping", "key: value");
            }
            index++;
        }
        return List.copyOf(list);
    }

    /** Whether the file or the environment says anything under this key. */
    public boolean has(String key) {
        return find(key).isPresent() || overrides.of(key).isPresent();
    }

    /** For rules that span several values. */
    public void problem(String path, String value, String expectation) {
        problems.add(new ConfigProblem(path, value, expectation));
    }

    /**
     * Ends the reading.
     *
     * @throws ConfigRefused with everything that was wrong, unknown keys included
     */
    public void finish() throws ConfigRefused {
        problems.addAll(UnknownKeys.in(tree, asked));
        if (!problems.isEmpty()) {
            throw new ConfigRefused(file, problems);
        }
    }

    /** What is in force, a line a key; secrets by name and passwords in URLs are hidden. */
    public String render() {
        StringBuilder text = new StringBuilder();
        effective.forEach(
                (path, value) -> text.append(path).append(": ").append(value).append('\n'));
        return text.toString();
    }

    String shown(String path, Object value) {
        // How long something may be done without a token is no token.
        boolean measure =
                value instanceof Duration || value instanceof Number || value instanceof Boolean;
        if (!measure && Texts.isSecretName(path)) {
            return Texts.HIDDEN;
        }
        String text = value instanceof Duration d ? Durations.text(d) : String.valueOf(value);
        return text.isEmpty() ? "empty" : Texts.oneLine(Texts.withoutPasswords(text), SHOWN);
    }

    void effective(String path, Object value) {
        effective.put(path, shown(path, value));
    }

    private <T> Setting<T> setting(
            String key, T placeholder, String expectation, Function<String, Optional<T>> parse) {
        String path = prefix + key;
        asked.add(path);
        Optional<String> text = text(key, path, expectation);
        if (text.isEmpty()) {
            boolean broken = problems.stream().anyMatch(p -> p.path().equals(path));
            return new Setting<>(this, path, Optional.empty(), placeholder, broken);
        }
        Optional<T> value = parse.apply(text.get());
        if (value.isEmpty()) {
            problem(path, shown(path, text.get()), expectation);
        }
        return new Setting<>(this, path, value, placeholder, value.isEmpty());
    }

    private Optional<String> text(String key, String path, String expectation) {
        Optional<String> override = overrides.of(key);
        if (override.isPresent()) {
            return override;
        }
        Optional<Object> node = find(key);
        if (node.isPresent() && !(node.get() instanceof String)) {
            problem(path, "not a single value", expectation);
            return Optional.empty();
        }
        return node.map(Object::toString);
    }

    private Optional<Object> find(String key) {
        Object node = tree;
        for (String part : key.split("\\.", -1)) {
            if (!(node instanceof Map<?, ?> map) || !map.containsKey(part)) {
                return Optional.empty();
            }
            node = map.get(part);
        }
        return node instanceof Optional<?> ? Optional.empty() : Optional.ofNullable(node);
    }

    private List<?> elements(String key) {
        asked.add(prefix + key);
        Object node = find(key).orElse(List.of());
        if (node instanceof List<?> list) {
            return list;
        }
        problem(prefix + key, "not a list", "a list");
        return List.of();
    }

    private Optional<Path> resolve(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(base.resolve(text).normalize());
        } catch (InvalidPathException notAPath) {
            return Optional.empty();
        }
    }

    private static ConfigReader of(
            String file, Path base, Map<String, Object> tree, Map<String, String> environment) {
        return new ConfigReader(
                file,
                base,
                "",
                tree,
                new Overrides(environment),
                new ArrayList<>(),
                new LinkedHashSet<>(),
                new TreeMap<>());
    }
}
