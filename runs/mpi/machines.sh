# Two machines on one, `first` and `second`, as different as two machines are: each is a copy of this one that forgets what is written
# to it, with a name, a network, processes and files of its own, and a user `reader` who may do nothing special. To be sourced by a
# script that runs as root: the functions `two_machines`, `on MACHINE COMMAND…` (as root), `reader_on MACHINE COMMAND-LINE` (as that
# user, in a login shell) and `install_unroll`. The machines are gone when the script ends, whatever runs on them.
machines=$(mktemp -d)
holders=()      # the processes that a machine ends with
declare -A init # and of each machine its first

two_machines() {
    local name address
    trap 'kill -KILL "${holders[@]}" 2>/dev/null || true; rm -rf "$machines"' EXIT
    for name in first second; do
        mkdir "$machines/$name"
        unshare --net --uts --ipc --pid --mount --fork --kill-child bash -euc '
            hostname "$0"
            cd "$1"
            mount -t tmpfs none .
            mkdir upper work root
            mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work root
            mount -t proc none root/proc
            mount -t sysfs none root/sys
            mount --rbind /dev root/dev
            for folder in tmp run dev/shm; do mount -t tmpfs -o mode=1777 none root/$folder; done
            chmod 755 root/run
            for file in resolv.conf hosts; do umount root/etc/$file 2>/dev/null || true; done
            printf "127.0.0.1 localhost\n10.77.0.1 first\n10.77.0.2 second\n" >root/etc/hosts
            chroot root useradd --create-home --shell /bin/bash reader
            touch root/run/ready
            # The first process buries those that nobody else waits for.
            exec chroot root bash -c "while true; do sleep 1000 & wait; done"' "$name" "$machines/$name" &
        holders+=($!)
        disown
        until init[$name]=$(pgrep -P ${holders[-1]}); do sleep 0.1; done
        until [[ -e /proc/${init[$name]}/root/run/ready ]]; do kill -0 ${holders[-1]}; sleep 0.1; done
    done
    ip link add name first netns "${init[first]}" type veth peer name second netns "${init[second]}"
    for name in first second; do
        address=10.77.0.$([[ $name == first ]] && echo 1 || echo 2)
        on $name bash -euc "ip addr add $address/24 dev $name; ip link set $name up; ip link set lo up"
    done
}

on() { # MACHINE COMMAND…
    nsenter --target "${init[$1]}" --all --root --wd "${@:2}"
}

reader_on() { # MACHINE COMMAND-LINE
    on "$1" su - reader -c "$2"
}

# The tool, packed from this source and installed for the reader, and a text, on both.
install_unroll() {
    local name file
    dotnet pack src/Unroll.Cli -c Release -o "$machines/packages" >"$machines/pack.txt" || { cat "$machines/pack.txt"; return 1; }
    for name in first second; do
        on $name mkdir /srv/packages
        for file in "$machines"/packages/*; do on $name tee "/srv/packages/${file##*/}" <"$file" >/dev/null; done
        reader_on $name 'export DOTNET_NOLOGO=1
            dotnet tool install --global --source /srv/packages Unroll.Tool >install.txt 2>&1 || { cat install.txt; exit 1; }
            echo "export PATH=\$PATH:~/.dotnet/tools" >>.bash_profile
            cat >story.txt
            for i in {1..4}; do cat story.txt; done >book.txt' <src/Unroll/Data/Sources/Story.txt
    done
}
