package dev.countersign.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
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

    private static final String ENVIRONMENT = "COUNTERSIGN_";
    private static final int SHOWN = 120;

    private final String file;
    private final Path base;
    private final String prefix;
    private final Map<String, Object> tree;
    private final Map<String, String> environment;
    private final List<ConfigProblem> problems;
    private final Set<String> asked;
    private final Map<String, String> effective;

    private ConfigReader(
            String file,
            Path base,
            String prefix,
            Map<String, Object> tree,
            Map<String, String> environment,
            List<ConfigProblem> problems,
            Set<String> asked,
            Map<String, String> effective) {
        this.file = file;
        this.base = base;
        this.prefix = prefix;
        this.tree = tree;
        this.environment = environment;
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
        try {
            return of(file.toString(), base, YamlTree.parse(text(file)), environment);
        } catch (IOException unreadable) {
            throw new ConfigRefused(
                    file.toString(),
                    List.of(new ConfigProblem("file", brief(unreadable), "readable strict YAML")));
        }
    }

    /** No file: defaults and environment only; relative paths are relative to {@code base}. */
    public static ConfigReader empty(Path base, Map<String, String> environment) {
        return of("defaults", base.toAbsolutePath(), Map.of(), environment);
    }

    public Setting<String> string(String key) {
        return setting(key, "", "text", Optional::of);
    }

    public Setting<Boolean> bool(String key) {
        return setting(
                key,
                false,
                "true or false",
                text ->
                        switch (text) {
                            case "true" -> Optional.of(true);
                            case "false" -> Optional.of(false);
                            default -> Optional.empty();
                        });
    }

    /** A whole number in these bounds, both included. */
    public Setting<Long> integer(String key, long min, long max) {
        return setting(
                key,
                min,
                "a whole number, " + min + ".." + max,
                text -> {
                    try {
                        long number = Long.parseLong(text);
                        return number >= min && number <= max
                                ? Optional.of(number)
                                : Optional.empty();
                    } catch (NumberFormatException notANumber) {
                        return Optional.empty();
                    }
                });
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
                ConfigReader::hostPortOf);
    }

    /** One of an enum's constants, in any case, dashes for underscores. */
    public <E extends Enum<E>> Setting<E> enumeration(String key, Class<E> type) {
        E[] constants = type.getEnumConstants();
        String names =
                String.join(
                        " | ",
                        Arrays.stream(constants)
                                .map(c -> c.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                                .toList());
        return setting(
                key,
                constants[0],
                names,
                text ->
                        Arrays.stream(constants)
                                .filter(c -> c.name().equalsIgnoreCase(text.replace('-', '_')))
                                .findFirst());
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
        String override = environment.get(variable(key));
        List<String> strings =
                override == null
                        ? scalars(key)
                        : Arrays.stream(override.split(",", -1))
                                .map(String::strip)
                                .filter(text -> !text.isEmpty())
                                .toList();
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
                                        Map.of(),
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
        return find(key).isPresent() || environment.containsKey(variable(key));
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
        unknown("", tree);
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
        if (Texts.isSecretName(path)) {
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
        String override = environment.get(variable(key));
        if (override != null) {
            return Optional.of(override);
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

    /** Reports what stands in the file and nobody asked for; what is under an asked mapping is free. */
    private void unknown(String at, Map<?, ?> node) {
        node.forEach((key, value) -> {
            String name = String.valueOf(key);
            String path = at.isEmpty() ? name : at + "." + name;
            // A dotted key would pass for a path.
            if (name.indexOf('.') >= 0 || name.indexOf('[') >= 0) {
                problem(Texts.oneLine(path, SHOWN), "unknown", "a plain key");
            } else if (value instanceof List<?> list && asked.contains(path)) {
                unknownIn(path, list);
            } else if (!asked.contains(path)) {
                notAsked(path, value);
            }
        });
    }

    private void unknownIn(String path, List<?> list) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof Map<?, ?> map) {
                unknown(path + "[" + i + "]", map);
            }
        }
    }

    private void notAsked(String path, Object value) {
        boolean section = asked.stream().anyMatch(known -> known.startsWith(path + "."));
        if (section && value instanceof Map<?, ?> map) {
            unknown(path, map);
        } else if (!section) {
            problem(Texts.oneLine(path, SHOWN), "unknown", nearest(path));
        } else if (!(value instanceof Optional<?>)) {
            problem(path, "not a mapping", "key: value");
        }
    }

    private String nearest(String path) {
        return asked.stream()
                .min(Comparator.comparingInt(known -> EditDistance.between(known, path)))
                .filter(known -> EditDistance.between(known, path) <= 1 + path.length() / 4)
                .map(known -> "did you mean " + known + "?")
                .orElse("a key of this file");
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
                Map.copyOf(environment),
                new ArrayList<>(),
                new LinkedHashSet<>(),
                new TreeMap<>());
    }

    private static String variable(String key) {
        StringBuilder name = new StringBuilder(ENVIRONMENT);
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '.') {
                name.append('_');
            } else {
                if (Character.isUpperCase(c)) {
                    name.append('_');
                }
                name.append(Character.toUpperCase(c));
            }
        }
        return name.toString();
    }

    private static Optional<InetSocketAddress> hostPortOf(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.indexOf(':') >= 0 && !bracketed) {
            return Optional.empty();
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return port < 0 || port > 0xffff
                    ? Optional.empty()
                    : Optional.of(
                            InetSocketAddress.createUnresolved(
                                    bracketed ? host.substring(1, host.length() - 1) : host, port));
        } catch (NumberFormatException notAPort) {
            return Optional.empty();
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("over 1 MiB");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new IOException("not UTF-8", notUtf8);
        }
    }

    private static String brief(IOException fault) {
        String text = fault.toString().lines().findFirst().orElse("unreadable");
        return text.substring(text.lastIndexOf("Exception: ") < 0 ? 0 : text.indexOf(": ") + 2);
    }
}
