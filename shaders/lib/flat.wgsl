// lib/flat    The number of this invocation when the work is one long row. Workgroups past 65,535 go on in y.
fn flat(id: vec3u, groups: vec3u) -> u32 { return id.x + id.y * groups.x * WG; }
