package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.component.Kind;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.DefaultConfig;
import io.narwhal.config.Loaded;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * The names that a shell completes where a component is asked for: those of narwhal.yaml in the
 * directory where {@code narwhal completion} was given, or of the built-in configuration.
 */
final class ComponentNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        Path here = Path.of(ConfigOption.FILE_NAME);
        Loaded loaded = Disk.system().exists(here) ? ConfigLoader.load(here) : DefaultConfig.load();
        return switch (loaded) {
            case Loaded.Valid valid -> Kind.components(valid.config()).keySet().iterator();
            case Loaded.Invalid _ -> List.<String>of().iterator();
        };
    }
}
