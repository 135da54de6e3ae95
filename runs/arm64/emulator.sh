# Sourced by scripts that run Arm64 programs on an x64 Debian 12: puts the emulator, and the libraries that .NET asks of an Arm64 Debian,
# into $scratch/root, and what to put before a program into `emulated`. Needs the network and installs nothing.
mkdir -p "$scratch"/lists/partial "$scratch"/cache/archives/partial "$scratch"/root
fetch=(apt-get -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root
    -o Dir::State::lists="$scratch/lists" -o Dir::Cache="$scratch/cache")
quietly "${fetch[@]}" update
(cd "$scratch" && quietly "${fetch[@]}" download qemu-user-static:amd64 {libc6,libgcc-s1,libstdc++6,libssl3}:arm64)
for package in "$scratch"/*.deb; do dpkg -x "$package" "$scratch/root"; done
# .NET writes its code through one mapping and runs it through another. QEMU seems to miss such a change and to run what
# stood there before: tests failed at random. Hence one mapping for both.
emulated=(env DOTNET_EnableWriteXorExecute=0 "$scratch/root/usr/bin/qemu-aarch64-static" -L "$scratch/root")
